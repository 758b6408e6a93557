using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Kobune.Client.Events;

namespace Kobune.ControllerManager.Pods;

/// <summary>Makes and deletes the pods of an owner and says so. Source: pkg/controller/controller_utils.go, RealPodControl.</summary>
internal sealed class PodControl(IClient client, IEventRecorder events)
{
    /// <summary>Creates a pod; the failure, or null.</summary>
    public async Task<Exception?> CreateAsync(IKubernetesObject owner, Pod pod, CancellationToken ct)
    {
        try
        {
            var created = await client.CreateAsync(pod, ct);
            events.Normal(owner, "SuccessfulCreate", "Created pod: " + created.Metadata.Name);
            return null;
        }
        catch (ApiException e) when (e.IsNamespaceTerminating)
        {
            return null; // the namespace takes the owner with it
        }
        catch (ApiException e)
        {
            events.Warning(owner, "FailedCreate", "Error creating: " + e.Message);
            return e;
        }
    }

    /// <summary>Deletes a pod; the failure, or null.</summary>
    public async Task<Exception?> DeleteAsync(IKubernetesObject owner, Pod pod, CancellationToken ct)
    {
        try
        {
            await client.DeleteAsync<Pod>(pod.Metadata.Namespace, pod.Metadata.Name, new DeleteOptions { Preconditions = new Preconditions { Uid = pod.Metadata.Uid } }, ct);
            events.Normal(owner, "SuccessfulDelete", "Deleted pod: " + pod.Metadata.Name);
            return null;
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            return null; // someone else was faster
        }
        catch (ApiException e)
        {
            events.Warning(owner, "FailedDelete", "Error deleting: " + e.Message);
            return e;
        }
    }
}
