namespace Kobune.ApiServer.Outbound;

/// <summary>What a connection out of the API server is for; the connector picks credentials and trust by it.</summary>
public enum OutboundPurpose
{
    /// <summary>A node's kubelet: logs, exec, attach, port-forward, proxy of a node.</summary>
    Kubelet,

    /// <summary>A pod's own port, through the proxy subresource.</summary>
    Pod,

    /// <summary>An endpoint of a Service, through the proxy subresource.</summary>
    Service,

    /// <summary>An admission or conversion webhook.</summary>
    Webhook,

    /// <summary>An aggregated API server.</summary>
    ApiService,
}

/// <summary>Where to. Host is a node's name for kubelets, else an IP address or DNS name.</summary>
/// <param name="Purpose">What for.</param>
/// <param name="Host">Node name, address or name.</param>
/// <param name="Port">TCP port; 0 = the purpose's own (the kubelet's).</param>
/// <param name="Tls">Whether TLS is spoken.</param>
public sealed record OutboundTarget(OutboundPurpose Purpose, string Host, int Port, bool Tls)
{
    /// <summary>Whose certificate is believed; only for <see cref="OutboundPurpose.ApiService"/>, which is called with the front proxy's client certificate, and <see cref="OutboundPurpose.Webhook"/>.</summary>
    public OutboundTrust? Trust { get; init; }
}

/// <summary>The one way out of the API server. Tests plug simulated targets in.</summary>
public interface IOutboundConnector
{
    /// <summary>An invoker whose requests to <paramref name="target"/> carry the server's credentials, and the base address to use ("https://node:10250").</summary>
    /// <exception cref="HttpRequestException">The target is not known.</exception>
    ValueTask<(HttpMessageInvoker Invoker, Uri BaseAddress)> ConnectAsync(OutboundTarget target, CancellationToken ct);
}
