using Kobune.Api.Apps.V1;

namespace Kobune.ControllerManager.Revisions;

/// <summary>The order of revisions. Source: pkg/controller/history/controller_history.go, byRevision.</summary>
internal static class RevisionOrder
{
    /// <summary>Oldest first: by number, then by age, then by name.</summary>
    public static List<ControllerRevision> Sorted(IEnumerable<ControllerRevision> revisions) =>
        [.. revisions.OrderBy(r => r.Revision).ThenBy(r => r.Metadata.CreationTimestamp).ThenBy(r => r.Metadata.Name, StringComparer.Ordinal)];

    /// <summary>The number of the next one.</summary>
    public static long Next(IReadOnlyList<ControllerRevision> sorted) => sorted.Count == 0 ? 1 : sorted[^1].Revision + 1;
}
