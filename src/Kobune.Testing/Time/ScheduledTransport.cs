using System.Runtime.CompilerServices;
using Kobune.Client.Transport;

namespace Kobune.Testing.Time;

/// <summary>The test's way into a cluster with a clock of its own: calls run on the cluster's scheduler and come back to the test.</summary>
internal sealed class ScheduledTransport(ITransport inner, TestClock clock) : ITransport
{
    public async ValueTask<ApiResponse> SendAsync(ApiRequest request, CancellationToken ct) => await clock.CompleteAsync(() => inner.SendAsync(request, ct).AsTask(), ct);

    public async ValueTask<ApiList> ListAsync(ApiRequest request, CancellationToken ct) => await clock.CompleteAsync(() => inner.ListAsync(request, ct).AsTask(), ct);

    public async IAsyncEnumerable<ApiWatchEvent> WatchAsync(ApiRequest request, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var source = inner.WatchAsync(request, ct).GetAsyncEnumerator(ct);
        while (await clock.Scheduler.RunAsync(() => source.MoveNextAsync().AsTask()))
        {
            yield return source.Current;
        }
    }

    public async ValueTask<ApiUpgrade> UpgradeAsync(ApiRequest request, string protocol, CancellationToken ct) =>
        await clock.CompleteAsync(() => inner.UpgradeAsync(request, protocol, ct).AsTask(), ct);
}
