using Kobune.Api.Core.V1;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Extenders;
using Kobune.Scheduler.Framework;
using Kobune.Scheduler.Queue;

namespace Kobune.Scheduler.Preemption;

/// <summary>
/// Makes room for a pod that fits nowhere at the expense of pods of lower priority on one node. Source: plugins/defaultpreemption and
/// framework/preemption.
/// </summary>
internal sealed class DefaultPreemption(PodPreemptor preemptor, ClusterView cluster, Snapshot snapshot, Nominator nominator, SchedulerProfile profile, TimeProvider time, Func<int, int> random)
    : IPostFilterPlugin, IPreEnqueuePlugin, IEnqueueExtensions
{
    private const string PluginName = "DefaultPreemption";
    private static readonly Status NotHelpful = Status.Unresolvable(PluginName, "Preemption is not helpful for scheduling");

    private static readonly Status Waiting = Status.Unresolvable(PluginName, "waiting for the preemption for this pod to be finished");

    private readonly NominatedFilter _filter = new(nominator);

    public string Name => PluginName;

    public IReadOnlyList<EventHint> EventsToRegister { get; } = [new(EventResource.AssignedPod, ActionType.Delete)];

    /// <summary>While victims are sent away nothing is won by trying the pod again.</summary>
    public Status? PreEnqueue(Pod pod) => preemptor.IsMakingRoomFor(pod.Metadata.Uid) ? Waiting : null;

    public PostFilterResult PostFilter(SchedulingFramework framework, CycleState state, PodInfo pod, Diagnosis diagnosis)
    {
        var nominated = Current(pod.Pod).Status.NominatedNodeName is { Length: > 0 } written ? written : nominator.NodeOf(pod.Uid);
        if (WhyNot(pod, nominated, diagnosis) is { } reason)
        {
            return new(Rejection(reason), NominatedNodeName: null);
        }

        var outcome = new Diagnosis(snapshot.Nodes.Count) { AbsentNodes = NotHelpful };
        IReadOnlyList<Candidate> candidates = FindCandidates(framework, state, pod, diagnosis, outcome);
        if (candidates.Count == 0)
        {
            return new(Rejection(FitMessage.Of(outcome)), NominatedNodeName: "");
        }

        if (Extend(framework, pod, ref candidates) is { } failure)
        {
            return new(failure, NominatedNodeName: null);
        }

        if (candidates.Count == 0)
        {
            return new(Rejection("no candidate node for preemption"), NominatedNodeName: null);
        }

        var best = PreemptionPlan.Pick(candidates, StartOf);
        var victims = best.Victims.Select(v => Current(v.Pod)).ToList();
        preemptor.Begin(pod.Uid);
        return new(null, best.Node, ct => preemptor.MakeRoomAsync(pod, best.Node, victims, nominator.Below(pod, best.Node), ct), victims.Count);
    }

    /// <summary>Leaves the candidates that extenders agree with.</summary>
    private Status? Extend(SchedulingFramework framework, PodInfo pod, ref IReadOnlyList<Candidate> candidates)
    {
        try
        {
            candidates = framework.Extenders?.Preempt(pod.Pod, candidates, snapshot) ?? candidates;
            return null;
        }
        catch (ExtenderException e)
        {
            return Status.Error(PluginName, "preemption: " + e.Message);
        }
    }

    private static Status Rejection(string message) => Status.Unschedulable(PluginName, "preemption: " + message);

    /// <summary>
    /// A pod that must not preempt, or that has: while its victims end, no more are sent away. Unless the node has become one where it cannot
    /// run at all.
    /// </summary>
    private string? WhyNot(PodInfo pod, string nominated, Diagnosis diagnosis)
    {
        if (pod.Pod.Spec.PreemptionPolicy == PreemptionPolicy.Never)
        {
            return "not eligible due to preemptionPolicy=Never.";
        }

        if (nominated.Length == 0 || diagnosis.StatusOf(nominated)?.Code == StatusCode.UnschedulableAndUnresolvable || snapshot.Find(nominated) is not { } node)
        {
            return null;
        }

        var lesser = node.Pods.Where(p => p.Priority < pod.Priority).ToList();
        var waits = lesser.Exists(p => preemptor.IsGoing(Current(p.Pod)));
        preemptor.Forget(uid => !lesser.Exists(p => p.Uid == uid) || Current(lesser.Find(p => p.Uid == uid)!.Pod).Metadata.DeletionTimestamp is not null);
        return waits ? "not eligible due to a terminating pod on the nominated node." : null;
    }

    /// <summary>Starts at a random node so that all get their turn; stops when there are enough, one of them without violations.</summary>
    private List<Candidate> FindCandidates(SchedulingFramework framework, CycleState state, PodInfo pod, Diagnosis diagnosis, Diagnosis outcome)
    {
        if (state.Filters is null)
        {
            return []; // a pre-filter rejected the pod whatever is on the nodes
        }

        var nodes = snapshot.Nodes.Where(n => diagnosis.StatusOf(n.Name)?.Code == StatusCode.Unschedulable).ToList();
        if (nodes.Count == 0)
        {
            return [];
        }

        var search = new VictimSearch(framework, _filter, cluster.Budgets.List(), StartOf);
        var (start, enough) = (random(nodes.Count), PreemptionPlan.Enough(nodes.Count, profile));
        var (clean, violating) = (new List<Candidate>(), new List<Candidate>());
        for (var i = 0; i < nodes.Count && (clean.Count == 0 || clean.Count + violating.Count < enough); i++)
        {
            var node = nodes[(start + i) % nodes.Count];
            var (candidate, status) = search.On(node, state, pod);
            if (candidate is null)
            {
                outcome.Add(node.Name, status!);
            }
            else
            {
                (candidate.Violations == 0 ? clean : violating).Add(candidate);
            }
        }

        return [.. clean, .. violating];
    }

    /// <summary>The newest revision: cycles do not see every change of a status.</summary>
    private Pod Current(Pod pod) => cluster.Pods.Find(pod.Metadata.Namespace, pod.Metadata.Name) is { } now && now.Metadata.Uid == pod.Metadata.Uid ? now : pod;

    private DateTimeOffset StartOf(PodInfo pod) => Current(pod.Pod).Status.StartTime ?? time.GetUtcNow();
}
