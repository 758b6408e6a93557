using System.Net.Sockets;
using Kobune.ApiServer.Outbound;
using Kobune.SimulatedNode;
using Kobune.Testing.Faults;

namespace Kobune.Testing.Nodes;

/// <summary>Leads the API server's connections to what lives in this process: kubelets and metrics of simulated nodes, and targets that the test gives.</summary>
internal sealed class SimulatedTargets(IOutboundConnector inner, FaultPlan faults, Func<OutboundTarget, HttpMessageHandler?>? given) : IOutboundConnector
{
    /// <summary>The name under which the simulated metrics server is found.</summary>
    public const string MetricsHost = "metrics.simulated.kobune";

    /// <summary>The nodes, once there are some.</summary>
    public SimulatedNodeComponent? Nodes { get; set; }

    public async ValueTask<(HttpMessageInvoker Invoker, Uri BaseAddress)> ConnectAsync(OutboundTarget target, CancellationToken ct)
    {
        if (target.Purpose == OutboundPurpose.Webhook && faults.StrikesWebhook(target.Host))
        {
            throw new HttpRequestException(HttpRequestError.ConnectionError, $"{target.Host}: a fault of this test", new SocketException((int)SocketError.ConnectionRefused));
        }

        var handler = given?.Invoke(target) ?? target switch
        {
            { Purpose: OutboundPurpose.Kubelet } when Nodes?.Has(target.Host) == true => Nodes.Kubelet,
            { Purpose: OutboundPurpose.ApiService, Host: MetricsHost } => Nodes?.Metrics,
            _ => null,
        };
        return handler is null
            ? await inner.ConnectAsync(target, ct)
            : (new HttpMessageInvoker(handler, disposeHandler: false), new UriBuilder("https", target.Host, target.Port == 0 ? 10250 : target.Port).Uri);
    }
}
