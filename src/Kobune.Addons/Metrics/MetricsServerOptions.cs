using System.Net;
using System.Security.Cryptography.X509Certificates;
using Kobune.Api.Core.V1;

namespace Kobune.Addons.Metrics;

/// <summary>Settings of the metrics server. The defaults are upstream's.</summary>
public sealed record MetricsServerOptions
{
    /// <summary>Where its API is served over HTTPS; port 0 takes a free one.</summary>
    public required IPEndPoint Listen { get; init; }

    /// <summary>Makes a token of the service account, with which kubelets are asked.</summary>
    public required Func<CancellationToken, Task<string>> Token { get; init; }

    /// <summary>Signs the kubelets' certificates.</summary>
    public required X509Certificate2 Authority { get; init; }

    /// <summary>How often kubelets are asked.</summary>
    public TimeSpan Resolution { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Reads /metrics/resource of a node; null = its kubelet over HTTPS.</summary>
    public Func<Node, CancellationToken, Task<string>>? Scrape { get; init; }
}
