using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Events;
using Kobune.Client.Informers;
using Legacy = Kobune.Api.Core.V1.Endpoints;

namespace Kobune.ControllerManager.Endpoints;

/// <summary>Keeps the legacy Endpoints object of each Service with a selector.</summary>
internal sealed class EndpointsReconciler(ICache<Service> services, ICache<Pod> pods, ICache<Legacy> endpoints, IClient client, IEventRecorder events) : IReconciler
{
    private const string OverCapacity = "endpoints.kubernetes.io/over-capacity";
    private const string ManagedBy = "endpoints.kubernetes.io/managed-by";
    private const string Manager = "endpoint-controller";
    private readonly TriggerTimes _triggers = new();

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (services.Find(key) is not { } service)
        {
            _triggers.Forget(key);
            await DeleteAsync(key, ct);
            return ReconcileResult.Done;
        }

        if (service.Spec.Type == ServiceType.ExternalName || service.Spec.Selector.Count == 0 || service.IsDeleting())
        {
            return ReconcileResult.Done; // without a selector the user keeps them
        }

        var selected = ServicePods.SelectedBy(pods, service);
        var plan = EndpointsPlan.Compute(service, selected);
        var trigger = _triggers.Next(service, selected);
        var current = endpoints.Find(key);
        var wanted = Build(service, plan, current, trigger);
        try
        {
            if (current is null)
            {
                await client.CreateAsync(wanted, ct);
            }
            else if (!current.Subsets.SequenceEqual(wanted.Subsets) || !Same(current.Metadata.Labels, wanted.Metadata.Labels) || IsTruncated(current) != plan.IsTruncated)
            {
                await client.UpdateAsync(wanted, ct);
            }
        }
        catch (ApiException e) when (e.IsNamespaceTerminating)
        {
            return ReconcileResult.Done;
        }
        catch (ApiException e)
        {
            var (reason, verb) = current is null ? ("FailedToCreateEndpoint", "create") : ("FailedToUpdateEndpoint", "update");
            events.Warning(wanted, reason, $"Failed to {verb} endpoint for service {key}: {e.Message}");
            throw;
        }

        return ReconcileResult.Done;
    }

    private static Legacy Build(Service service, EndpointsPlan plan, Legacy? current, string? trigger)
    {
        var labels = service.Metadata.Labels.ToDictionary();
        labels.Remove(ServicePods.HeadlessLabel);
        labels[ManagedBy] = Manager;
        if (ServicePods.IsHeadless(service))
        {
            labels[ServicePods.HeadlessLabel] = "";
        }

        var annotations = current?.Metadata.Annotations.ToDictionary() ?? [];
        annotations.Remove(ServicePods.TriggerAnnotation);
        annotations.Remove(OverCapacity);
        if (trigger is not null)
        {
            annotations[ServicePods.TriggerAnnotation] = trigger;
        }

        if (plan.IsTruncated)
        {
            annotations[OverCapacity] = "truncated";
        }

        var metadata = current?.Metadata ?? new ObjectMeta { Namespace = service.Metadata.Namespace, Name = service.Metadata.Name };
        return (current ?? new Legacy()) with { Metadata = metadata with { Labels = labels, Annotations = annotations }, Subsets = plan.Subsets };
    }

    private static bool IsTruncated(Legacy endpoints) => endpoints.Metadata.Annotations.ContainsKey(OverCapacity);

    private static bool Same(IReadOnlyDictionary<string, string> a, IReadOnlyDictionary<string, string> b) =>
        a.Count == b.Count && a.All(p => b.TryGetValue(p.Key, out var other) && other == p.Value);

    private async Task DeleteAsync(ObjectKey key, CancellationToken ct)
    {
        if (endpoints.Find(key) is not { } left || left.Metadata.Labels.GetValueOrDefault(ManagedBy) != Manager)
        {
            return; // none, or somebody's own without a Service
        }

        try
        {
            await client.DeleteAsync<Legacy>(key.Namespace, key.Name, new DeleteOptions { Preconditions = new Preconditions { Uid = left.Metadata.Uid } }, ct);
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // Gone already, or another one of this name.
        }
    }
}
