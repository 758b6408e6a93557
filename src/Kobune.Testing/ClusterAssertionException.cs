namespace Kobune.Testing;

/// <summary>An assertion about a cluster failed; the message has the timeline below it.</summary>
public sealed class ClusterAssertionException(string message, string timeline, Exception inner) : Exception(message + Environment.NewLine + Environment.NewLine + timeline, inner)
{
    /// <summary>What happened in the cluster until then.</summary>
    public string Timeline => timeline;
}
