using System.Globalization;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Events;
using Kobune.Client.Informers;
using Kobune.ControllerManager.EndpointSlices;
using Kobune.ControllerManager.Metrics;
using Legacy = Kobune.Api.Core.V1.Endpoints;

namespace Kobune.ControllerManager.EndpointSliceMirroring;

/// <summary>Registration of the controller that mirrors hand-made Endpoints.</summary>
internal static class EndpointSliceMirroringController
{
    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("endpointslice-mirroring", "endpointslicemirroring-controller", eventSource: "endpoint-slice-mirroring-controller");
        var services = controller.Informer<Service>();
        var endpoints = controller.Informer<Legacy>();
        var slices = controller.Informer<EndpointSlice>();
        var mirrors = slices.Cache.Index("mirrors", s => IsMirror(s) ? [EndpointSliceReconciler.Key(s).ToString()] : []);
        controller.Runner.For(services).For(endpoints).Watches(slices, s => IsMirror(s) ? [EndpointSliceReconciler.Key(s)] : []);
        context.Options.Metrics.Mirrors.Follow(() => new([.. slices.Cache.List().Where(IsMirror)], MirrorPlan.MaxPerSubset, []));
        return controller.Build(new EndpointSliceMirroringReconciler(services.Cache, endpoints.Cache, mirrors, controller.Client, controller.Events, context.Options.Metrics.Mirrors, context.Time));
    }

    private static bool IsMirror(EndpointSlice slice) => slice.Metadata.Labels.GetValueOrDefault(SliceTemplate.ManagedByLabel) == MirrorPlan.Manager;
}

/// <summary>Keeps the mirrors of one Endpoints object.</summary>
internal sealed class EndpointSliceMirroringReconciler(ICache<Service> services, ICache<Legacy> endpoints, ICacheIndex<EndpointSlice> mirrors, IClient client, IEventRecorder events, SliceMetrics metrics, TimeProvider time) : IReconciler
{
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        var start = time.GetTimestamp();
        var existing = mirrors[key.ToString()].Where(s => !s.IsDeleting()).ToList();
        if (endpoints.Find(key) is not { } source || !MirrorPlan.IsMirrored(source, services.Find(key)))
        {
            foreach (var left in existing)
            {
                await DeleteAsync(left, ct);
            }

            metrics.Mirrored(null, 0, time.GetElapsedTime(start));
            return ReconcileResult.Done;
        }

        var (families, skipped) = (MirrorPlan.Families(source), MirrorPlan.Skipped(source));
        if (skipped > 0)
        {
            events.Warning(source, "TooManyAddressesToMirror", string.Create(CultureInfo.InvariantCulture, $"A max of {MirrorPlan.MaxPerSubset} addresses can be mirrored to EndpointSlices per Endpoints subset. {skipped} addresses were skipped"));
        }

        var plan = MirrorPlan.Compute(source, families, existing);
        foreach (var slice in plan.Create)
        {
            await client.CreateAsync(slice, ct);
        }

        foreach (var slice in plan.Update)
        {
            await client.UpdateAsync(slice, ct);
        }

        foreach (var slice in plan.Delete)
        {
            await DeleteAsync(slice, ct);
        }

        metrics.Mirrored(plan, skipped, time.GetElapsedTime(start));
        return ReconcileResult.Done;
    }

    private async Task DeleteAsync(EndpointSlice slice, CancellationToken ct)
    {
        try
        {
            await client.DeleteAsync<EndpointSlice>(slice.Metadata.Namespace, slice.Metadata.Name, new DeleteOptions { Preconditions = new Preconditions { Uid = slice.Metadata.Uid } }, ct);
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // Gone already, or another one of this name.
        }
    }
}
