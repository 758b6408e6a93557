using Kobune.Api.Core.V1;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.DaemonSets;

/// <summary>One step of a daemon set.</summary>
/// <param name="Create">Nodes that get a pod.</param>
/// <param name="Delete">Pods that go.</param>
/// <param name="Ended">Those of <paramref name="Delete"/> that have ended by themselves, which is told.</param>
internal sealed record DaemonSetPlan(IReadOnlyList<string> Create, IReadOnlyList<Pod> Delete, IReadOnlyList<Pod> Ended)
{
    /// <summary>The most pods that one step creates, and the most that it deletes. Source: pkg/controller/daemon, BurstReplicas.</summary>
    public const int Burst = 250;

    public bool IsNothing => Create.Count == 0 && Delete.Count == 0;

    /// <summary>What gives each node the pods that it should have. Source: pkg/controller/daemon/daemon_controller.go, manage and podsShouldBeOnNode.</summary>
    /// <param name="view">What is known.</param>
    /// <param name="mayDeleteFailed">Asked for each node with a failed pod: whether it has not failed too often lately.</param>
    public static DaemonSetPlan Compute(DaemonSetView view, Func<string, bool> mayDeleteFailed)
    {
        var (create, delete, ended) = (new List<string>(), new List<Pod>(), new List<Pod>());
        var surges = DaemonSetRollout.MaxSurge(view) > 0;
        foreach (var (name, node) in view.Nodes)
        {
            var (run, goOn) = DaemonNodes.Decide(view.Set, node);
            var pods = view.On(name);
            if (run && pods.Count == 0)
            {
                create.Add(name);
            }
            else if (!goOn)
            {
                delete.AddRange(pods.Where(p => !p.IsDeleting()));
            }
            else
            {
                var gone = pods.Where(p => !p.IsDeleting() && p.IsTerminal() && (p.Status.Phase != PodPhase.Failed || mayDeleteFailed(name))).ToList();
                ended.AddRange(gone);
                delete.AddRange(gone);
                var running = pods.Where(p => p.IsActive()).ToList();
                delete.AddRange(Surplus(view, running, surges));
                if (running.Count == 0 && run && surges)
                {
                    create.Add(name); // with surge a node need not wait for the end of a pod that goes
                }
            }
        }

        // Pods for nodes that are gone: never bound, so nobody else would take them away.
        delete.AddRange(view.ByNode.Where(n => !view.Nodes.ContainsKey(n.Key)).SelectMany(n => n.Value).Where(p => p.Spec.NodeName.Length == 0 && !p.IsDeleting()));
        return new([.. create.Take(Burst)], [.. delete.Take(Burst)], ended);
    }

    /// <summary>Of several pods on a node the oldest stays; with surge the oldest old one too, until the oldest new one is available or itself is not ready.</summary>
    private static IEnumerable<Pod> Surplus(DaemonSetView view, List<Pod> running, bool surges)
    {
        if (running.Count <= 1)
        {
            return [];
        }

        if (!surges)
        {
            return running.Skip(1);
        }

        var newPod = running.Find(p => DaemonPods.HasHash(p, view.Hash));
        var oldPod = running.Find(p => !DaemonPods.HasHash(p, view.Hash));
        var isReplaced = newPod is not null && oldPod is not null && (!oldPod.IsReady() || view.IsAvailable(newPod));
        return running.Where(p => p != newPod && (p != oldPod || isReplaced));
    }
}
