using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Informers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.ControllerManager.Tests.Behaviour;

/// <summary>--concurrent-deployment-syncs and its like.</summary>
public class WorkersTests
{
    [Theory]
    [InlineData(null, 5)]
    [InlineData(2, 2)]
    public async Task A_controller_works_on_as_many_keys_at_once_as_was_set(int? set, int atOnce)
    {
        await using var cluster = await TestCluster.StartAsync();
        var options = new ControllerManagerOptions { Workers = set is { } count ? new Dictionary<string, int> { ["deployment"] = count } : new() };
        var informers = new InformerFactory(cluster.Admin, TimeProvider.System, NullLoggerFactory.Instance);
        var controller = new ControllerContext(options, cluster, cluster.Admin, informers, TimeProvider.System, NullLoggerFactory.Instance).Controller("deployment", "deployment-controller");
        var reconciler = new Holding(atOnce);
        using var loop = controller.Build(reconciler);
        for (var i = 0; i < 8; i++)
        {
            controller.Runner.Queue.Add(new("default", $"d{i}"));
        }

        using var stop = new CancellationTokenSource();
        var running = loop.RunAsync(stop.Token);
        await reconciler.Full.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        reconciler.Release.SetResult();
        await reconciler.All.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(atOnce, reconciler.Most);
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    private sealed class Holding(int expected) : IReconciler
    {
        private int _running;
        private int _done;

        public int Most { get; private set; }

        public TaskCompletionSource Full { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource All { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
        {
            lock (All)
            {
                Most = Math.Max(Most, ++_running);
            }

            if (Most >= expected)
            {
                Full.TrySetResult();
            }

            await Release.Task.WaitAsync(ct);
            lock (All)
            {
                _running--;
                if (++_done == 8)
                {
                    All.TrySetResult();
                }
            }

            return ReconcileResult.Done;
        }
    }
}
