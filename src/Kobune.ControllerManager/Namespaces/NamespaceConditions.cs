using Kobune.Api.Core.V1;

namespace Kobune.ControllerManager.Namespaces;

/// <summary>The conditions of a namespace that goes away. Source: pkg/controller/namespace/deletion/status_condition_utils.go.</summary>
internal static class NamespaceConditions
{
    public static NamespaceStatus Apply(NamespaceStatus status, ContentReport report, DateTimeOffset now)
    {
        var discovery = report.DiscoveryFailures.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Key}: {f.Value}").ToList();
        NamespaceCondition[] wanted =
        [
            Make(
                NamespaceConditionType.NamespaceDeletionDiscoveryFailure,
                discovery.Count > 0,
                ("DiscoveryFailed", $"Discovery failed for some groups, {discovery.Count} failing: unable to retrieve the complete list of server APIs: {string.Join(", ", discovery)}"),
                ("ResourcesDiscovered", "All resources successfully discovered")),
            Make(NamespaceConditionType.NamespaceDeletionGroupVersionParsingFailure, false, default, ("ParsedGroupVersions", "All legacy kube types successfully parsed")),
            Make(
                NamespaceConditionType.NamespaceDeletionContentFailure,
                report.DeletionFailures.Count > 0,
                ("ContentDeletionFailed", $"Failed to delete all resource types, {report.DeletionFailures.Count} remaining: {string.Join(", ", report.DeletionFailures.Order(StringComparer.Ordinal))}"),
                ("ContentDeleted", "All content successfully deleted, may be waiting on finalization")),
            Make(
                NamespaceConditionType.NamespaceContentRemaining,
                report.Remaining.Count > 0,
                ("SomeResourcesRemain", "Some resources are remaining: " + Join(report.Remaining, r => $"{r.Key} has {r.Value} resource instances")),
                ("ContentRemoved", "All content successfully removed")),
            Make(
                NamespaceConditionType.NamespaceFinalizersRemaining,
                report.Finalizers.Count > 0,
                ("SomeFinalizersRemain", "Some content in the namespace has finalizers remaining: " + Join(report.Finalizers, f => $"{f.Key} in {f.Value} resource instances")),
                ("ContentHasNoFinalizers", "All content-preserving finalizers finished")),
        ];
        var conditions = status.Conditions.ToList();
        foreach (var condition in wanted)
        {
            Merge(conditions, condition, now);
        }

        return status with { Conditions = conditions };
    }

    private static NamespaceCondition Make(string type, bool bad, (string Reason, string Message) failure, (string Reason, string Message) success) => bad
        ? new() { Type = type, Status = "True", Reason = failure.Reason, Message = failure.Message }
        : new() { Type = type, Status = "False", Reason = success.Reason, Message = success.Message };

    private static void Merge(List<NamespaceCondition> conditions, NamespaceCondition wanted, DateTimeOffset now)
    {
        var index = conditions.FindIndex(c => c.Type == wanted.Type);
        if (index < 0)
        {
            conditions.Add(wanted with { LastTransitionTime = now });
        }
        else if (conditions[index].Status != wanted.Status || conditions[index].Reason != wanted.Reason || conditions[index].Message != wanted.Message)
        {
            conditions[index] = wanted with { LastTransitionTime = conditions[index].Status == wanted.Status ? conditions[index].LastTransitionTime : now };
        }
    }

    private static string Join(IReadOnlyDictionary<string, int> counts, Func<KeyValuePair<string, int>, string> text) =>
        string.Join(", ", counts.Select(text).Order(StringComparer.Ordinal));
}
