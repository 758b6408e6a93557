namespace Kobune.Cli.Paths.Probes;

/// <summary>A socket that waits for clients.</summary>
/// <param name="Protocol">"TCP" or "UDP".</param>
/// <param name="Address">"0.0.0.0", "::", "127.0.0.1".</param>
/// <param name="Port">Its port.</param>
internal sealed record Listener(string Protocol, string Address, int Port)
{
    /// <summary>Whether only the pod itself can reach it.</summary>
    public bool IsLoopback => Address == "::1" || Address.StartsWith("127.", StringComparison.Ordinal);
}
