namespace Kobune.ControllerManager.Pods;

/// <summary>
/// Batches of 1, 2, 4, ...: a create that cannot succeed (quota, admission) costs one request instead of hundreds. A batch with a failure is the
/// last. Source: pkg/controller/replicaset, slowStartBatch.
/// </summary>
internal static class SlowStart
{
    /// <summary>Runs the action so many times; returns the first failure.</summary>
    public static async Task<Exception?> RunAsync(int count, Func<CancellationToken, Task<Exception?>> action, CancellationToken ct)
    {
        for (var size = Math.Min(1, count); size > 0; size = Math.Min(2 * size, count))
        {
            var results = await Task.WhenAll(Enumerable.Range(0, size).Select(_ => action(ct)));
            if (results.FirstOrDefault(e => e is not null) is { } error)
            {
                return error;
            }

            count -= size;
        }

        return null;
    }

    /// <summary>Runs an action; its failure, or null. That it was called off is no failure of its own.</summary>
    public static async Task<Exception?> TryAsync(Func<CancellationToken, Task> action, CancellationToken ct)
    {
        try
        {
            await action(ct);
            return null;
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            return e;
        }
    }
}
