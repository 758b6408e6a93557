using Kobune.Scheduler.Cache;

namespace Kobune.Scheduler.Preemption;

/// <summary>A node on which a pod would fit without some others.</summary>
/// <param name="Node">Its name.</param>
/// <param name="Victims">Who would have to go, the most important first; at least one.</param>
/// <param name="Violations">How many of them no disruption budget gives away.</param>
internal sealed record Candidate(string Node, IReadOnlyList<PodInfo> Victims, int Violations);
