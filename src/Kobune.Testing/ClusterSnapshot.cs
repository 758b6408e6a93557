using Kobune.Storage.Memory;

namespace Kobune.Testing;

/// <summary>What a cluster's API held at a moment; <see cref="TestCluster.RestoreAsync(ClusterSnapshot, CancellationToken)"/> brings it back, as often as wanted.</summary>
public sealed class ClusterSnapshot
{
    internal ClusterSnapshot(MemorySnapshot objects)
    {
        Objects = objects;
    }

    /// <summary>How many objects.</summary>
    public int Count => Objects.Count;

    internal MemorySnapshot Objects { get; }
}
