using Kobune.Api.Core.V1;
using Kobune.Api.Volumes;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Events;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Metrics;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.EphemeralVolumes;

/// <summary>Makes the claims of a pod's ephemeral volumes; the pod owns them, so they go with it.</summary>
internal sealed class EphemeralVolumeReconciler(ICache<Pod> pods, ICache<PersistentVolumeClaim> claims, IClient client, IEventRecorder events, UpkeepMetrics metrics) : IReconciler
{
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (pods.Find(key) is not { } pod || pod.IsDeleting())
        {
            return ReconcileResult.Done;
        }

        foreach (var volume in pod.Spec.Volumes)
        {
            if (volume.Ephemeral is { } source && await ProblemAsync(pod, volume.Name, EphemeralClaim.NameOf(pod, volume), source.VolumeClaimTemplate ?? new(), ct) is { } problem)
            {
                events.Warning(pod, "FailedBinding", $"ephemeral volume {volume.Name}: {problem}");
                throw new InvalidOperationException($"pod {key}, ephemeral volume {volume.Name}: {problem}"); // tried again with back-off
            }
        }

        return ReconcileResult.Done;
    }

    private async Task<string?> ProblemAsync(Pod pod, string volume, string name, PersistentVolumeClaimTemplate template, CancellationToken ct)
    {
        if (claims.Find(pod.Metadata.Namespace, name) is { } claim)
        {
            return EphemeralClaim.Complaint(pod, claim);
        }

        metrics.ClaimAsked();
        try
        {
            await client.CreateAsync(
                new PersistentVolumeClaim
                {
                    Metadata = new()
                    {
                        Name = name,
                        Namespace = pod.Metadata.Namespace,
                        Labels = template.Metadata?.Labels ?? new Dictionary<string, string>(),
                        Annotations = template.Metadata?.Annotations ?? new Dictionary<string, string>(),
                        OwnerReferences = [PodFromTemplate.ControllerReference(pod)],
                    },
                    Spec = template.Spec,
                },
                ct);
            return null;
        }
        catch (ApiException e)
        {
            metrics.ClaimFailed();
            return $"create PVC {name}: {e.Message}";
        }
    }
}
