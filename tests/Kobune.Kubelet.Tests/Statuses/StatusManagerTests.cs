using System.Threading.Channels;
using Kobune.Api.Core.V1;
using Kobune.Kubelet.Statuses;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.Kubelet.Tests.Statuses;

public class StatusManagerTests
{
    private static readonly Pod Own = new() { Metadata = new() { Name = "p", Namespace = "d", Uid = "own" } };

    [Fact]
    public async Task A_mirror_made_anew_is_told_the_status_again()
    {
        var writer = new Writer();
        Pod? mirror = Own with { Metadata = Own.Metadata with { Uid = "first" } };
        var statuses = new StatusManager(writer, _ => mirror, TimeProvider.System, NullLogger.Instance);
        using var stop = new CancellationTokenSource();
        var running = statuses.RunAsync(stop.Token);
        statuses.Set(Own, _ => new() { Phase = PodPhase.Running });
        Assert.Equal(("first", ""), await writer.Written.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60)));

        mirror = Own with { Metadata = Own.Metadata with { Uid = "second" } };
        statuses.Observe(Own);
        Assert.Equal(("second", ""), await writer.Written.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60)));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private sealed class Writer : IStatusWriter
    {
        internal Channel<(string Uid, string KnownPhase)> Written { get; } = Channel.CreateUnbounded<(string, string)>();

        public Task<bool> WriteAsync(Pod pod, PodStatus known, PodStatus status, CancellationToken ct)
        {
            Written.Writer.TryWrite((pod.Metadata.Uid, known.Phase));
            return Task.FromResult(true);
        }

        public Task FinishDeletionAsync(Pod pod, CancellationToken ct) => Task.CompletedTask;
    }
}
