namespace Kobune.Cli.Paths.Probes;

/// <summary>One packet to send, or one thing to look at.</summary>
/// <param name="Id">Names it among the others of a walk.</param>
/// <param name="Kind">What to do.</param>
/// <param name="Address">An IP address; for <see cref="ProbeKind.Listeners"/> a container's id.</param>
/// <param name="Port">The port.</param>
internal sealed record ProbeRequest(string Id, ProbeKind Kind, string Address, int Port)
{
    /// <summary>HTTP: the Host header.</summary>
    public string Host { get; init; } = "";

    /// <summary>HTTP: path and query.</summary>
    public string Path { get; init; } = "/";

    /// <summary>HTTP: over TLS, with the host as server name.</summary>
    public bool Tls { get; init; }
}
