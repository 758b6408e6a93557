namespace Kobune.ControllerManager.Namespaces;

/// <summary>What is left of a namespace after one attempt to empty it.</summary>
internal sealed record ContentReport
{
    /// <summary>Group versions that did not answer, with why.</summary>
    public IReadOnlyDictionary<string, string> DiscoveryFailures { get; init; } = new Dictionary<string, string>();

    /// <summary>Resources whose deletion failed, with why.</summary>
    public IReadOnlyList<string> DeletionFailures { get; init; } = [];

    /// <summary>Resource ("pods.", "deployments.apps") to the number of objects left.</summary>
    public IReadOnlyDictionary<string, int> Remaining { get; init; } = new Dictionary<string, int>();

    /// <summary>Finalizer to the number of objects that wait for it.</summary>
    public IReadOnlyDictionary<string, int> Finalizers { get; init; } = new Dictionary<string, int>();

    /// <summary>Seconds until pods that end gracefully are expected to be gone.</summary>
    public long GraceSeconds { get; init; }

    /// <summary>There was something at the beginning of the attempt. What was created at the same moment may have come after the look, so one more look is due.</summary>
    public bool FoundContent { get; init; }

    /// <summary>The namespace is empty and that is known for sure.</summary>
    public bool IsEmpty => DiscoveryFailures.Count == 0 && DeletionFailures.Count == 0 && Remaining.Count == 0;
}
