namespace Kobune.ControllerManager.ReplicaSets;

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
}
