namespace Kobune.Node;

/// <summary>Composition root of the node process: which roles run, in which order.</summary>
public static class NodeHost
{
    /// <summary>Runs the node until it is asked to end.</summary>
    public static Task RunAsync(NodeConfig config, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(config);
        return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
    }
}
