using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Kobune.Client.Events;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.StatefulSets;

/// <summary>Makes, repairs and deletes a set's pods with their claims, and says so. Source: pkg/controller/statefulset/stateful_pod_control.go.</summary>
internal sealed class StatefulPodControl(ICache<PersistentVolumeClaim> claims, IClient client, IEventRecorder events)
{
    public Task RunAsync(StatefulSet set, PodStep step, CancellationToken ct) => step.Action switch
    {
        PodAction.Create => CreateAsync(set, step.Pod, ct),
        PodAction.Delete => DeleteAsync(set, step.Pod, ct),
        PodAction.MakeClaims => MakeClaimsAsync(set, step.Pod, ct),
        _ => RepairAsync(set, step.Pod, ct),
    };

    public async Task DeleteAsync(StatefulSet set, Pod pod, CancellationToken ct)
    {
        try
        {
            await client.DeleteAsync<Pod>(pod.Metadata.Namespace, pod.Metadata.Name, new DeleteOptions { Preconditions = new Preconditions { Uid = pod.Metadata.Uid } }, ct);
            Done("Delete", set, pod);
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // Someone else was faster.
        }
        catch (ApiException e)
        {
            Failed("Delete", set, pod, e.Message);
            throw;
        }
    }

    /// <summary>Gives a pod's claims the owners that the retention policy wants.</summary>
    public async Task OwnClaimsAsync(StatefulSet set, Pod pod, CancellationToken ct)
    {
        foreach (var name in StatefulClaims.Names(set, pod))
        {
            if (claims.Find(set.Metadata.Namespace, name) is not { } claim)
            {
                continue;
            }

            if (StatefulClaims.HasOtherController(claim, set, pod))
            {
                events.Warning(
                    set,
                    "ConflictingController",
                    $"PersistentVolumeClaim {name} has a conflicting OwnerReference that acts as a managing controller, the retention policy is ignored for this claim");
            }

            if (!StatefulClaims.AreOwnersRight(claim, set, pod))
            {
                await client.UpdateAsync(StatefulClaims.WithOwners(claim, set, pod), ct); // its role may update claims, not patch them
            }
        }
    }

    private async Task CreateAsync(StatefulSet set, Pod pod, CancellationToken ct)
    {
        try
        {
            await CreateClaimsAsync(set, pod, ct);
            await client.CreateAsync(pod, ct);
            await OwnClaimsAsync(set, pod, ct);
        }
        catch (ApiException e) when (e.IsAlreadyExists || e.IsNamespaceTerminating)
        {
            throw; // a race, or a pod of that name that is not ours; or an end that tells of itself
        }
        catch (Exception e) when (e is ApiException or ClaimException)
        {
            Failed("Create", set, pod, e.Message);
            throw;
        }

        Done("Create", set, pod);
    }

    private async Task MakeClaimsAsync(StatefulSet set, Pod pod, CancellationToken ct)
    {
        await CreateClaimsAsync(set, pod, ct);
        await OwnClaimsAsync(set, pod, ct);
    }

    private async Task RepairAsync(StatefulSet set, Pod pod, CancellationToken ct)
    {
        var right = StatefulPods.IdentityMatches(set, pod) ? pod : StatefulPods.WithIdentity(set, pod);
        right = StatefulPods.StorageMatches(set, pod) ? right : StatefulPods.WithStorage(set, right);
        try
        {
            if (!StatefulPods.StorageMatches(set, pod))
            {
                await CreateClaimsAsync(set, pod, ct);
            }

            await OwnClaimsAsync(set, pod, ct);
            if (Patch.Between(pod, right) is { } patch)
            {
                await client.PatchAsync<Pod>(pod.Metadata.Namespace, pod.Metadata.Name, patch.WithRevision(pod.Metadata.ResourceVersion), null, ct);
                Done("Update", set, pod);
            }
        }
        catch (Exception e) when (e is ApiException { IsConflict: false } or ClaimException)
        {
            Failed("Update", set, pod, e.Message);
            throw;
        }
    }

    private async Task CreateClaimsAsync(StatefulSet set, Pod pod, CancellationToken ct)
    {
        var problems = new List<string>();
        foreach (var claim in StatefulClaims.Make(set, pod))
        {
            var name = claim.Metadata.Name;
            if (claims.Find(claim.Metadata.Namespace, name) is { } known)
            {
                if (known.IsDeleting())
                {
                    problems.Add($"pvc {name} is being deleted");
                }

                continue;
            }

            try
            {
                await client.CreateAsync(claim, ct);
                events.Normal(set, "SuccessfulCreate", $"create Claim {name} Pod {pod.Metadata.Name} in StatefulSet {set.Metadata.Name} success");
            }
            catch (ApiException e)
            {
                problems.Add($"failed to create PVC {name}: {e.Message}");
                if (!e.IsAlreadyExists)
                {
                    events.Warning(set, "FailedCreate", $"create Claim {name} for Pod {pod.Metadata.Name} in StatefulSet {set.Metadata.Name} failed error: {e.Message}");
                }
            }
        }

        if (problems.Count > 0)
        {
            throw new ClaimException(problems.Count == 1 ? problems[0] : $"[{string.Join(", ", problems)}]");
        }
    }

    private void Done(string verb, StatefulSet set, Pod pod) =>
        events.Normal(set, "Successful" + verb, $"{Lower(verb)} Pod {pod.Metadata.Name} in StatefulSet {set.Metadata.Name} successful");

    private void Failed(string verb, StatefulSet set, Pod pod, string error) =>
        events.Warning(set, "Failed" + verb, $"{Lower(verb)} Pod {pod.Metadata.Name} in StatefulSet {set.Metadata.Name} failed error: {error}");

    private static string Lower(string verb) => verb.ToLowerInvariant();
}

/// <summary>A pod's claims are not all there.</summary>
internal sealed class ClaimException(string message) : Exception(message);
