using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Events;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Endpoints;
using Kobune.ControllerManager.EndpointSlices.Topology;
using Kobune.ControllerManager.Metrics;

namespace Kobune.ControllerManager.EndpointSlices;

/// <summary>Keeps the EndpointSlices of each Service with a selector.</summary>
internal sealed class EndpointSliceReconciler(
    ICache<Service> services, ICache<Pod> pods, ICache<Node> nodes, ICache<EndpointSlice> slices, IClient client, IEventRecorder events, SliceMetrics metrics) : IReconciler
{
    private const string Reason = "FailedToUpdateEndpointSlices";
    private readonly TriggerTimes _triggers = new();
    private readonly TopologyMode _topology = new(events);
    private readonly ICacheIndex<EndpointSlice> _byService = slices.Index(
        "service", s => s.Metadata.Labels.GetValueOrDefault(SliceTemplate.ManagedByLabel) == SliceTemplate.Manager ? [Key(s).ToString()] : []);

    /// <summary>The Service that a slice belongs to.</summary>
    public static ObjectKey Key(EndpointSlice slice) => new(slice.Metadata.Namespace, slice.Metadata.Labels.GetValueOrDefault(SliceTemplate.ServiceNameLabel, ""));

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (services.Find(key) is not { } service)
        {
            _triggers.Forget(key);
            _topology.Forget(key);
            return ReconcileResult.Done; // the garbage collector takes the slices: the Service owns them
        }

        if (service.Spec.Type == ServiceType.ExternalName || service.Spec.Selector.Count == 0 || service.IsDeleting())
        {
            return ReconcileResult.Done;
        }

        // A pod whose node is not known is left out, and the Service comes again: nothing else need happen when the node is.
        var (selected, lost) = Located(service, ServicePods.SelectedBy(pods, service));
        var families = new Dictionary<string, IReadOnlyList<EndpointGroup>>();
        foreach (var type in AddressTypes(service))
        {
            families[type] = DesiredEndpoints.Compute(service, selected, name => name.Length == 0 ? null : nodes.Find("", name), type == IPFamily.IPv6);
        }

        IReadOnlyList<EndpointSlice> existing = [.. _byService[key.ToString()].Where(s => !s.IsDeleting())];
        var (auto, trigger) = (TopologyMode.IsAuto(service), _triggers.Next(service, selected));
        var plan = EndpointSlicePlan.Compute(SliceTemplate.Of(service), families, existing, trigger, keepHints: auto);
        var outcomes = new Dictionary<string, string?>();
        if (auto)
        {
            var shares = ZoneShares.Of(nodes.List());
            foreach (var type in families.Keys)
            {
                outcomes[type] = plan.HintByZone(type, existing, shares, trigger);
            }
        }

        await ActAsync(service, plan, ct);
        metrics.Synced(service, plan, auto);
        _topology.Tell(service, outcomes);
        return lost.Count == 0 ? ReconcileResult.Done : throw Failed(service, lost);
    }

    private (IReadOnlyList<Pod> Selected, IReadOnlyList<Pod> Lost) Located(Service service, IReadOnlyList<Pod> all)
    {
        if (service.Spec.PublishNotReadyAddresses)
        {
            return (all, []);
        }

        var lost = all.Where(p => ServicePods.CanServe(p, includeTerminating: true) && nodes.Find("", p.Spec.NodeName) is null).ToHashSet();
        return lost.Count == 0 ? (all, []) : ([.. all.Where(p => !lost.Contains(p))], [.. lost]);
    }

    private InvalidOperationException Failed(Service service, IReadOnlyList<Pod> lost)
    {
        var key = ObjectKey.Of(service);
        var problem = string.Join(", ", lost.Select(p => $"skipping Pod {p.Metadata.Name} for Service {key}: Node {p.Spec.NodeName} Not Found"));
        events.Warning(service, Reason, $"Error updating Endpoint Slices for Service {key}: {problem}");
        return new(problem);
    }

    private static IEnumerable<string> AddressTypes(Service service)
    {
        if (service.Spec.IPFamilies.Count > 0)
        {
            return service.Spec.IPFamilies;
        }

        return [ServicePods.IsIPv6(service.Spec.ClusterIP) ? IPFamily.IPv6 : IPFamily.IPv4];
    }

    private async Task ActAsync(Service service, EndpointSlicePlan plan, CancellationToken ct)
    {
        var doing = "create";
        try
        {
            foreach (var slice in plan.Create)
            {
                await client.CreateAsync(slice, ct);
            }

            foreach (var slice in plan.Update)
            {
                doing = "update " + slice.Metadata.Name;
                await client.UpdateAsync(slice, ct);
            }

            foreach (var slice in plan.Delete)
            {
                doing = "delete " + slice.Metadata.Name;
                await DeleteAsync(slice, ct);
            }
        }
        catch (ApiException e) when (e.IsNamespaceTerminating)
        {
            // The namespace takes the Service with it.
        }
        catch (ApiException e) when (!e.IsConflict)
        {
            metrics.Failed();
            events.Warning(service, Reason, $"Error updating Endpoint Slices for Service {ObjectKey.Of(service)}: failed to {doing} EndpointSlice for Service {ObjectKey.Of(service)}: {e.Message}");
            throw;
        }
    }

    private async Task DeleteAsync(EndpointSlice slice, CancellationToken ct)
    {
        try
        {
            await client.DeleteAsync<EndpointSlice>(slice.Metadata.Namespace, slice.Metadata.Name, new DeleteOptions { Preconditions = new Preconditions { Uid = slice.Metadata.Uid } }, ct);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Gone already.
        }
    }
}
