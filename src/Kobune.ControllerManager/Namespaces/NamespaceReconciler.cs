using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.Namespaces;

/// <summary>Empties namespaces that are to be deleted and takes their finalizer away when nothing is left.</summary>
internal sealed class NamespaceReconciler(ICache<Namespace> namespaces, NamespaceContent content, IClient client, TimeProvider time) : IReconciler
{
    private const string Finalizer = "kubernetes";
    private static readonly TimeSpan SettleTime = TimeSpan.FromMilliseconds(200); // upstream waits 5 s before it starts, for the same creates in flight
    private static readonly TimeSpan SoonAgain = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LateAgain = TimeSpan.FromSeconds(15); // whatever is in the way has been there for long

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (namespaces.Find(key) is not { } cached || !cached.IsDeleting() || await LiveAsync(key.Name, ct) is not { } ns)
        {
            return ReconcileResult.Done;
        }

        if (ns.Status.Phase != NamespacePhase.Terminating)
        {
            ns = await client.UpdateStatusAsync(ns with { Status = ns.Status with { Phase = NamespacePhase.Terminating } }, ct);
        }

        if (!ns.Spec.Finalizers.Contains(Finalizer))
        {
            return ReconcileResult.Done; // others' finalizers are others' work
        }

        var report = await content.DeleteAsync(key.Name, ns.Metadata.DeletionTimestamp ?? time.GetUtcNow(), ct);
        var status = NamespaceConditions.Apply(ns.Status, report, time.GetUtcNow());
        if (!report.IsEmpty || ns.Status.Conditions.Count > 0)
        {
            ns = status == ns.Status ? ns : await client.UpdateStatusAsync(ns with { Status = status }, ct);
        }

        if (!report.IsEmpty)
        {
            return ReconcileResult.RequeueAfter(report.GraceSeconds > 0 ? TimeSpan.FromSeconds((report.GraceSeconds / 2) + 1) : Pause(ns));
        }

        if (report.FoundContent)
        {
            return ReconcileResult.RequeueAfter(SettleTime);
        }

        await FinalizeAsync(ns, ct);
        return ReconcileResult.Done;
    }

    /// <summary>Nothing tells when an object loses its finalizer or a silent API server speaks again: the longer it takes, the less often is looked.</summary>
    private TimeSpan Pause(Namespace ns)
    {
        var waited = (time.GetUtcNow() - (ns.Metadata.DeletionTimestamp ?? time.GetUtcNow())) / 4;
        return waited < SoonAgain ? SoonAgain : waited > LateAgain ? LateAgain : waited;
    }

    private async Task<Namespace?> LiveAsync(string name, CancellationToken ct) =>
        await client.FindAsync<Namespace>("", name, ct) is { } live && live.IsDeleting() ? live : null;

    private async Task FinalizeAsync(Namespace ns, CancellationToken ct)
    {
        try
        {
            var finalizers = ns.Spec.Finalizers.Where(f => f != Finalizer).ToList();
            await client.UpdateSubresourceAsync(ns with { Spec = ns.Spec with { Finalizers = finalizers } }, "finalize", ct);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Another server finished it.
        }
    }
}
