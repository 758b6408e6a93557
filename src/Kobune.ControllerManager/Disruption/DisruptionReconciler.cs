using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Policy.V1;
using Kobune.Api.Selectors;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Events;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.Disruption;

/// <summary>Keeps the status of budgets, from which evictions take; and takes back what was announced to pods and did not come.</summary>
internal sealed class DisruptionReconciler(ICache<PodDisruptionBudget> budgets, ICache<Pod> pods, WorkloadScales scales, IClient client, IEventRecorder events, TimeProvider time) : IReconciler
{
    private const string PodPrefix = "pods/";

    public static ObjectKey KeyOf(Pod pod) => new(pod.Metadata.Namespace, PodPrefix + pod.Metadata.Name);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (key.Name.StartsWith(PodPrefix, StringComparison.Ordinal))
        {
            return await CleanAsync(key with { Name = key.Name[PodPrefix.Length..] }, ct);
        }

        if (budgets.Find(key) is not { } budget)
        {
            return ReconcileResult.Done;
        }

        try
        {
            return await SyncAsync(budget, ct);
        }
        catch (ApiException e) when (e.IsConflict)
        {
            throw; // an eviction took from it: look again
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            // Nothing may be evicted on the word of a status that could not be computed.
            await WriteAsync(budget, DisruptionBudgetPlan.Failed(budget, e.Message, time.GetUtcNow()), ct);
            throw;
        }
    }

    private async Task<ReconcileResult> SyncAsync(PodDisruptionBudget budget, CancellationToken ct)
    {
        var covered = pods.List(budget.Metadata.Namespace, Selector.From(budget.Spec.Selector));
        if (covered.Count == 0)
        {
            events.Normal(budget, "NoPods", "No matching pods found");
        }

        var (expected, desired) = await ExpectAsync(budget, covered, ct);
        var plan = DisruptionBudgetPlan.Compute(budget, covered, expected, desired, time.GetUtcNow());
        foreach (var pod in plan.NotDeleted)
        {
            events.Warning(pod, "NotDeleted", $"Pod was expected by PDB {ObjectKey.Of(budget)} to be deleted but it wasn't");
        }

        await WriteAsync(budget, plan.Status, ct);
        return ReconcileResult.RequeueAfter(plan.LookAgain);
    }

    private async Task<(int Expected, int Desired)> ExpectAsync(PodDisruptionBudget budget, IReadOnlyList<Pod> covered, CancellationToken ct)
    {
        try
        {
            var scale = covered.Count;
            if (DisruptionBudgetPlan.NeedsScale(budget.Spec))
            {
                (scale, var unmanaged) = await scales.SumAsync(covered, ct);
                if (unmanaged > 0)
                {
                    events.Warning(
                        budget,
                        "UnmanagedPods",
                        $"Pods selected by this PodDisruptionBudget (selector: {SelectorText.Of(budget.Spec.Selector)}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set \".spec.minAvailable\" field of the PDB to an integer value.");
                }
            }

            return DisruptionBudgetPlan.Expect(budget.Spec, scale);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            events.Warning(budget, "CalculateExpectedPodCountFailed", "Failed to calculate the number of expected pods: " + e.Message);
            throw;
        }
    }

    private async Task WriteAsync(PodDisruptionBudget budget, PodDisruptionBudgetStatus status, CancellationToken ct)
    {
        if (status != budget.Status)
        {
            await client.UpdateStatusAsync(budget with { Status = status }, ct);
        }
    }

    private async Task<ReconcileResult> CleanAsync(ObjectKey key, CancellationToken ct)
    {
        if (pods.Find(key) is not { } pod || StaleDisruption.CleanAfter(pod, time.GetUtcNow()) is not { } wait)
        {
            return ReconcileResult.Done;
        }

        if (wait > TimeSpan.Zero)
        {
            return ReconcileResult.RequeueAfter(wait);
        }

        await client.UpdateStatusAsync(StaleDisruption.Clean(pod, time.GetUtcNow()), ct);
        return ReconcileResult.Done;
    }
}
