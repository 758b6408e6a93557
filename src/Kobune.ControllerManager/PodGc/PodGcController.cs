using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.PodGc;

/// <summary>Registration of the pod garbage collector. There is one key: the whole cluster; it is looked at when something happened that can make work.</summary>
internal static class PodGcController
{
    private static readonly ObjectKey Sweep = new("", "sweep");

    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("pod-garbage-collector", "pod-garbage-collector", workers: 1);
        var pods = controller.Informer<Pod>();
        var nodes = controller.Informer<Node>();
        var threshold = context.Options.TerminatedPodGcThreshold;
        var ended = 0;
        controller.Runner
            .On(pods, change =>
            {
                ended += Ended(change.New) - Ended(change.Old);
                var surplus = threshold > 0 && ended > threshold && Ended(change.New) == 1;
                if (surplus || (change.New is { } pod && NeedsLook(pod, nodes.Cache)))
                {
                    controller.Runner.Queue.Add(Sweep);
                }
            })
            .On(nodes, change =>
            {
                if (change.New is null || change.New.Spec.Taints.Any(t => t.Key == PodGcPlan.OutOfService))
                {
                    controller.Runner.Queue.Add(Sweep);
                }
            });
        return controller.Build(new PodGcReconciler(pods.Cache, nodes.Cache, controller.Client, context.Options, context.Time));
    }

    private static int Ended(Pod? pod) => pod?.IsTerminal() == true ? 1 : 0;

    private static bool NeedsLook(Pod pod, ICache<Node> nodes) => pod.Spec.NodeName.Length == 0
        ? pod.IsDeleting()
        : nodes.Find("", pod.Spec.NodeName) is not { } node || (pod.IsDeleting() && node.Spec.Taints.Any(t => t.Key == PodGcPlan.OutOfService));
}

/// <summary>Deletes pods that have ended and are too many, whose node is gone, or that nobody will end.</summary>
internal sealed class PodGcReconciler(ICache<Pod> pods, ICache<Node> nodes, IClient client, ControllerManagerOptions options, TimeProvider time) : IReconciler
{
    private static readonly TimeSpan Quarantine = TimeSpan.FromSeconds(40);
    private readonly Dictionary<string, DateTimeOffset> _missing = [];

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        var known = nodes.List().ToDictionary(n => n.Metadata.Name, StringComparer.Ordinal);
        var now = time.GetUtcNow();
        foreach (var back in _missing.Keys.Where(known.ContainsKey).ToList())
        {
            _missing.Remove(back);
        }

        var plan = PodGcPlan.Compute(pods.List(), known, name => now - MissingSince(name, now), Quarantine, options.TerminatedPodGcThreshold);
        var confirmed = new Dictionary<string, bool>();
        foreach (var victim in plan.Victims)
        {
            var node = victim.Pod.Spec.NodeName;
            if (node.Length > 0 && !known.ContainsKey(node) && !await IsGoneAsync(node, confirmed, ct))
            {
                continue;
            }

            await RemoveAsync(victim, ct);
        }

        return ReconcileResult.RequeueAfter(plan.LookAgain);
    }

    private DateTimeOffset MissingSince(string node, DateTimeOffset now)
    {
        if (!_missing.TryGetValue(node, out var since))
        {
            _missing[node] = since = now;
        }

        return since;
    }

    /// <summary>A node is gone when the server says so; the cache alone may be late.</summary>
    private async Task<bool> IsGoneAsync(string node, Dictionary<string, bool> confirmed, CancellationToken ct)
    {
        if (!confirmed.TryGetValue(node, out var gone))
        {
            try
            {
                await client.GetAsync<Node>("", node, ct);
                gone = false;
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                gone = true;
            }

            confirmed[node] = gone;
        }

        return gone;
    }

    private async Task RemoveAsync(PodGcVictim victim, CancellationToken ct)
    {
        var pod = victim.Pod;
        options.Metrics.Upkeep.PodForced(pod.Metadata.Namespace, victim.Reason);
        try
        {
            if (Patch.Between(pod, victim.Failed(time.GetUtcNow())) is { } patch)
            {
                await client.PatchAsync<Pod>(pod.Metadata.Namespace, pod.Metadata.Name, patch, "status", ct);
            }

            var now = new DeleteOptions { GracePeriodSeconds = 0, Preconditions = new Preconditions { Uid = pod.Metadata.Uid } };
            await client.DeleteAsync<Pod>(pod.Metadata.Namespace, pod.Metadata.Name, now, ct);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Gone already.
        }
        catch (ApiException)
        {
            options.Metrics.Upkeep.PodForceFailed(pod.Metadata.Namespace, victim.Reason);
            throw;
        }
    }
}
