using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.Disruption;

/// <summary>
/// How many pods the controllers of pods want: the workloads of upstream from caches, anything else by its scale subresource. Source:
/// pkg/controller/disruption, finders.
/// </summary>
internal sealed class WorkloadScales(ICache<ReplicationController> controllers, ICache<ReplicaSet> sets, ICache<Deployment> deployments, ICache<StatefulSet> stateful, ScaleReader scales)
{
    /// <summary>The sum over all controllers of the pods, and how many pods have none.</summary>
    /// <exception cref="TerminalException">A controller cannot be scaled.</exception>
    /// <exception cref="InvalidOperationException">A controller is not there (yet).</exception>
    public async Task<(int Scale, int Unmanaged)> SumAsync(IReadOnlyList<Pod> pods, CancellationToken ct)
    {
        var (asked, found, unmanaged) = (new HashSet<string>(), new Dictionary<string, int>(), 0);
        foreach (var pod in pods)
        {
            if (pod.ControllerRef() is not { } owner)
            {
                unmanaged++;
            }
            else if (asked.Add(owner.Uid))
            {
                var (uid, scale) = FromCaches(owner, pod.Metadata.Namespace) ?? await FromServerAsync(owner, pod.Metadata.Namespace, ct)
                    ?? throw new InvalidOperationException($"found no controllers for pod \"{pod.Metadata.Name}\"");
                found[uid] = scale;
            }
        }

        return (found.Values.Sum(), unmanaged);
    }

    private (string Uid, int Scale)? FromCaches(OwnerReference owner, string ns)
    {
        switch (owner)
        {
            case { Kind: "ReplicationController", APIVersion: "v1" }:
                return Known(controllers.Find(ns, owner.Name), owner, c => c.Spec.Replicas);
            case { Kind: "StatefulSet" } when IsApps(owner):
                return Known(stateful.Find(ns, owner.Name), owner, s => s.Spec.Replicas);
            case { Kind: "ReplicaSet" } when IsApps(owner):
                var set = sets.Find(ns, owner.Name);
                return set?.Metadata.Uid == owner.Uid && set.ControllerRef() is { Kind: "Deployment" } above && IsApps(above)
                    ? Known(deployments.Find(ns, above.Name), above, d => d.Spec.Replicas)
                    : Known(set, owner, s => s.Spec.Replicas);
            default:
                return null;
        }
    }

    private async Task<(string Uid, int Scale)?> FromServerAsync(OwnerReference owner, string ns, CancellationToken ct)
    {
        try
        {
            return await scales.FindAsync(owner.APIVersion, owner.Kind, ns, owner.Name, ct) is { } scale && scale.Metadata.Uid == owner.Uid ? (scale.Metadata.Uid, scale.Spec.Replicas) : null;
        }
        catch (NoScaleException e)
        {
            throw new TerminalException(e.Message, e);
        }
    }

    private static (string Uid, int Scale)? Known<T>(T? found, OwnerReference owner, Func<T, int?> replicas)
        where T : class, IKubernetesObject => found is not null && found.Metadata.Uid == owner.Uid ? (owner.Uid, replicas(found) ?? 1) : null;

    private static bool IsApps(OwnerReference owner) => owner.APIVersion.StartsWith("apps/", StringComparison.Ordinal) || owner.APIVersion.StartsWith("extensions/", StringComparison.Ordinal);
}
