using Kobune.Api.Clocks;
using Kobune.Api.Core.V1;
using Kobune.Api.Volumes;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.Scheduler.Cache;

namespace Kobune.Scheduler.Volumes;

/// <summary>Writes a plan to the server and waits until the binder and the provisioners have done their part.</summary>
internal sealed class ClaimBinder(IClient client, VolumeView view, Snapshot snapshot, TimeProvider time, TimeSpan bindTimeout)
{
    public Node NodeOf(string name) => snapshot.Find(name)!.Node;

    /// <summary>Null when all claims are bound; else what went wrong, and the pod is tried again.</summary>
    public async Task<string?> BindAsync(VolumePlan plan, string nodeName, CancellationToken ct)
    {
        foreach (var (claim, volume) in plan.Bind)
        {
            await client.UpdateAsync(Reserved(volume, claim), ct);
        }

        foreach (var claim in plan.Provision)
        {
            await SelectAsync(claim, nodeName, ct);
        }

        return await WaitAsync([.. plan.Bind.Select(b => b.Claim), .. plan.Provision], plan, nodeName, ct);
    }

    /// <summary>The volume names the claim; the binder completes the rest.</summary>
    private static PersistentVolume Reserved(PersistentVolume volume, PersistentVolumeClaim claim)
    {
        var annotations = volume.Metadata.Annotations.ToDictionary();
        annotations[VolumeAnnotations.BoundByController] = "yes";
        return volume with
        {
            Metadata = volume.Metadata with { Annotations = annotations },
            Spec = volume.Spec with
            {
                ClaimRef = new()
                {
                    Kind = "PersistentVolumeClaim",
                    APIVersion = "v1",
                    Namespace = claim.Metadata.Namespace,
                    Name = claim.Metadata.Name,
                    Uid = claim.Metadata.Uid,
                    ResourceVersion = claim.Metadata.ResourceVersion,
                },
            },
        };
    }

    private async Task SelectAsync(PersistentVolumeClaim claim, string nodeName, CancellationToken ct)
    {
        if (claim.Metadata.Annotations.GetValueOrDefault(VolumeAnnotations.SelectedNode) == nodeName)
        {
            return;
        }

        var annotations = claim.Metadata.Annotations.ToDictionary();
        annotations[VolumeAnnotations.SelectedNode] = nodeName;
        await client.UpdateAsync(claim with { Metadata = claim.Metadata with { Annotations = annotations } }, ct);
    }

    private async Task<string?> WaitAsync(IReadOnlyList<PersistentVolumeClaim> claims, VolumePlan plan, string nodeName, CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(bindTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        var changed = new WakeSignal(time);
        changed.Wake();
        var keys = claims.Select(ObjectKey.Of).ToHashSet();
        using var subscription = view.Claims.Subscribe(change =>
        {
            if (keys.Contains(change.Key))
            {
                changed.Wake();
            }
        });
        var selected = new HashSet<ObjectKey>();
        try
        {
            while (true)
            {
                await changed.WaitAsync(either.Token);
                if (Look(claims, plan, nodeName, selected, out var problem))
                {
                    return problem;
                }
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return "binding volumes: timed out waiting for the condition";
        }
    }

    /// <summary>True when it is decided.</summary>
    private bool Look(IReadOnlyList<PersistentVolumeClaim> claims, VolumePlan plan, string nodeName, HashSet<ObjectKey> selected, out string? problem)
    {
        problem = null;
        var all = true;
        foreach (var claim in claims)
        {
            var key = ObjectKey.Of(claim);
            if (view.FindClaim(key) is not { } now || now.Metadata.Uid != claim.Metadata.Uid)
            {
                problem = $"binding volumes: persistentvolumeclaim \"{key.Name}\" not found";
                return true;
            }

            if (PodClaims.IsBound(now))
            {
                continue;
            }

            all = false;
            if (!plan.Provision.Contains(claim))
            {
                continue;
            }

            // A provisioner that cannot serve the node takes the annotation away again. A cache that does not show it yet is no such sign.
            var at = now.Metadata.Annotations.GetValueOrDefault(VolumeAnnotations.SelectedNode);
            if (at == nodeName)
            {
                selected.Add(key);
            }
            else if (selected.Contains(key))
            {
                problem = $"binding volumes: provisioning failed for PVC \"{key.Name}\"";
                return true;
            }
        }

        return all;
    }
}
