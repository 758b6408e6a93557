using System.Net;

namespace Kobune.Proxy.Services;

/// <summary>Where Services of one address family become real: nftables, or relays in this process. Its owner is the sync loop.</summary>
internal interface IServiceTable : IAsyncDisposable
{
    System.Net.Sockets.AddressFamily Family { get; }

    /// <summary>Names of the Services in it.</summary>
    IReadOnlyList<string> Services { get; }

    /// <summary>Notes what a Service should have (no ports: nothing); it happens in <see cref="ApplyAsync"/>.</summary>
    void Set(string service, IReadOnlyList<ServicePortModel> ports, IReadOnlyList<IPAddress> nodePortIPs);

    /// <summary>Makes everything noted real. False when that failed; the next call then tries all of it again.</summary>
    Task<bool> ApplyAsync(CancellationToken ct);

    /// <summary>Whether what was applied is still there.</summary>
    Task<bool> IsThereAsync(CancellationToken ct);
}
