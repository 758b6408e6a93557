using Kobune.Api.Networking.V1;
using Kobune.Client;
using Microsoft.Extensions.Logging;
using IPAddress = System.Net.IPAddress;

namespace Kobune.Ingress;

/// <summary>Writes where an Ingress is reached into its status.loadBalancer, and takes it away again.</summary>
internal sealed partial class IngressStatusWriter(IClient client, ILogger logger)
{
    private readonly ILogger _logger = logger;

    /// <summary>Makes each status name these addresses; what says so already is not written.</summary>
    public async Task WriteAsync(IEnumerable<IngressObject> ingresses, IReadOnlyList<IPAddress> addresses, CancellationToken ct)
    {
        var wanted = new IngressLoadBalancerStatus { Ingress = [.. addresses.Select(a => new IngressLoadBalancerIngress { IP = a.ToString() })] };
        foreach (var ingress in ingresses)
        {
            if (ingress.Status.LoadBalancer.Equals(wanted))
            {
                continue;
            }

            try
            {
                await client.UpdateStatusAsync(ingress with { Status = ingress.Status with { LoadBalancer = wanted } }, ct);
            }
            catch (ApiException e) when (e.IsNotFound || e.IsConflict)
            {
                // it went or changed: its next event comes by here again
            }
            catch (ApiException e)
            {
                LogFailed(ObjectKey.Of(ingress), e.Message);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The status of Ingress {Key} could not be written: {Error}")]
    private partial void LogFailed(ObjectKey key, string error);
}
