using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Resource.V1;
using Kobune.Api.Resources;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Events;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Metrics;
using Kobune.ControllerManager.Pods;
using ResourceClaim = Kobune.Api.Resource.V1.ResourceClaim;

namespace Kobune.ControllerManager.ResourceClaims;

/// <summary>Makes the claims of a pod's templates, tells the pod their names, and reserves allocated ones for a pod that somebody else than the scheduler gave a node.</summary>
internal sealed class PodClaimsReconciler(ICache<Pod> pods, ICache<ResourceClaim> claims, ICache<ResourceClaimTemplate> templates, IClient client, IEventRecorder events, ClaimMetrics metrics) : IReconciler
{
    private const int MaxBase = 57; // room for five random characters and a hyphen in a label

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (pods.Find(key) is not { } pod || pod.IsDeleting())
        {
            return ReconcileResult.Done;
        }

        var made = new Dictionary<string, string>();
        foreach (var entry in pod.Spec.ResourceClaims)
        {
            try
            {
                if (await MakeAsync(pod, entry, ct) is { } name)
                {
                    made[entry.Name] = name;
                }
            }
            catch (Exception e) when (e is ApiException or InvalidOperationException)
            {
                events.Warning(pod, "FailedResourceClaimCreation", $"PodResourceClaim {entry.Name}: {e.Message}");
                throw;
            }
        }

        if (made.Count > 0)
        {
            await TellAsync(pod, made, ct);
        }

        if (pod.Spec.NodeName.Length > 0 && made.Count == 0)
        {
            await ReserveAsync(pod, ct);
        }

        return ReconcileResult.Done;
    }

    /// <summary>A name of base and claim that leaves room for what the server adds; both halves are cut alike.</summary>
    internal static string GenerateName(string pod, string claim)
    {
        var name = $"{pod}-{claim}-";
        return name.Length <= MaxBase ? name : $"{pod[..(pod.Length * MaxBase / name.Length)]}-{claim[..(claim.Length * MaxBase / name.Length)]}";
    }

    /// <summary>The name of a claim that the pod does not know of yet.</summary>
    private async Task<string?> MakeAsync(Pod pod, PodResourceClaim entry, CancellationToken ct)
    {
        var known = PodDeviceClaims.NameOf(pod, entry);
        if (entry.ResourceClaimTemplateName is not { } template || (known.Problem is null && known.Name is null))
        {
            return null; // it names a claim, or needs none
        }

        if (known.Name is { } name && claims.Find(pod.Metadata.Namespace, name) is { } claim && PodDeviceClaims.IsFor(pod, claim))
        {
            return null;
        }

        if (claims.List(pod.Metadata.Namespace).FirstOrDefault(c => PodDeviceClaims.IsFor(pod, c) && c.Metadata.Annotations.GetValueOrDefault(PodDeviceClaims.PodClaimAnnotation) == entry.Name) is { } orphan)
        {
            return orphan.Metadata.Name; // made before, and not told
        }

        var spec = templates.Find(pod.Metadata.Namespace, template)?.Spec
            ?? throw new InvalidOperationException($"resource claim template \"{template}\": resourceclaimtemplate.resource.k8s.io \"{template}\" not found");
        return await CreateAsync(pod, entry, spec, ct);
    }

    private async Task<string> CreateAsync(Pod pod, PodResourceClaim entry, ResourceClaimTemplateSpec spec, CancellationToken ct)
    {
        var failed = true;
        try
        {
            var created = await client.CreateAsync(
                new ResourceClaim
                {
                    Metadata = new ObjectMeta
                    {
                        Namespace = pod.Metadata.Namespace,
                        GenerateName = GenerateName(pod.Metadata.Name, entry.Name),
                        Labels = spec.Metadata.Labels,
                        Annotations = new Dictionary<string, string>(spec.Metadata.Annotations) { [PodDeviceClaims.PodClaimAnnotation] = entry.Name },
                        OwnerReferences = [PodFromTemplate.ControllerReference(pod)],
                    },
                    Spec = spec.Spec,
                },
                ct);
            failed = false;
            return created.Metadata.Name;
        }
        finally
        {
            metrics.Created(spec.Spec, failed);
        }
    }

    private async Task TellAsync(Pod pod, Dictionary<string, string> made, CancellationToken ct)
    {
        var statuses = new JsonArray([.. made.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => (JsonNode)new JsonObject { ["name"] = m.Key, ["resourceClaimName"] = m.Value })]);
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = pod.Metadata.Uid }, ["status"] = new JsonObject { ["resourceClaimStatuses"] = statuses } };
        await client.PatchAsync<Pod>(pod.Metadata.Namespace, pod.Metadata.Name, Patch.Strategic(patch), "status", ct);
    }

    private async Task ReserveAsync(Pod pod, CancellationToken ct)
    {
        foreach (var name in pod.Spec.ResourceClaims.Select(e => PodDeviceClaims.NameOf(pod, e).Name).OfType<string>())
        {
            if (claims.Find(pod.Metadata.Namespace, name) is { Status.Allocation: not null, Status.ReservedFor.Count: < 256 } claim && !PodDeviceClaims.IsReservedFor(pod, claim) && !claim.IsDeleting())
            {
                await client.UpdateStatusAsync(claim with { Status = claim.Status with { ReservedFor = [.. claim.Status.ReservedFor, PodDeviceClaims.Consumer(pod)] } }, ct);
            }
        }
    }
}
