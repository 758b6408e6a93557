using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;

namespace Kobune.ControllerManager.StatefulSets;

/// <summary>A revision as far as pods are concerned: its name and its template.</summary>
internal sealed record SetRevision(string Name, PodTemplateSpec Template);

/// <summary>What the decision about a set needs to know.</summary>
/// <param name="Set">The set.</param>
/// <param name="Pods">The pods that it controls.</param>
/// <param name="Current">The revision that pods had before a rolling update began.</param>
/// <param name="Update">The revision of the set's template.</param>
/// <param name="FindClaim">A claim by its name, or null.</param>
/// <param name="UseMaxUnavailable">Whether maxUnavailable counts (feature MaxUnavailableStatefulSet).</param>
/// <param name="Now">The time.</param>
internal sealed record StatefulSetView(
    StatefulSet Set, IReadOnlyList<Pod> Pods, SetRevision Current, SetRevision Update, Func<string, PersistentVolumeClaim?> FindClaim, bool UseMaxUnavailable, DateTimeOffset Now);
