using Kobune.Client;
using Kobune.ControlPlane.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.ControlPlane.Tests.Hosting;

public sealed class ComponentHostTests
{
    [Fact]
    public async Task A_component_that_faults_is_started_again_and_the_others_go_on()
    {
        var bad = new Scripted("bad", faults: 2);
        var good = new Scripted("good", faults: 0);
        await using var host = new ComponentHost(new ImpatientTime(), NullLoggerFactory.Instance);
        host.Start(good);
        host.Start(bad);

        await bad.Steady.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await good.Steady.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Equal([new("good", ComponentState.Running, 0, ""), new("bad", ComponentState.Running, 2, "fault 2")], host.Status);
    }

    [Fact]
    public async Task Components_stop_in_reverse_order_and_a_bad_stop_does_not_keep_the_others()
    {
        var order = new List<string>();
        var host = new ComponentHost(TimeProvider.System, NullLoggerFactory.Instance);
        foreach (var name in (string[])["first", "second", "third"])
        {
            var component = new Scripted(name, faults: 0, stopped: () =>
            {
                order.Add(name);
                throw new InvalidOperationException("stops badly");
            });
            host.Start(component);
            await component.Steady.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }

        await host.DisposeAsync();
        Assert.Equal(["third", "second", "first"], order);
        Assert.All(host.Status, s => Assert.Equal(ComponentState.Stopped, s.State));
    }

    private sealed class Scripted(string name, int faults, Action? stopped = null) : IComponent
    {
        private int _runs;

        public string Name => name;

        public TaskCompletionSource Steady { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task RunAsync(CancellationToken ct)
        {
            if (++_runs <= faults)
            {
                throw new InvalidOperationException($"fault {_runs}");
            }

            Steady.TrySetResult();
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
            }
            finally
            {
                stopped?.Invoke();
            }
        }
    }

    /// <summary>A clock on which every delay is over at once.</summary>
    private sealed class ImpatientTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime == Timeout.InfiniteTimeSpan ? dueTime : TimeSpan.Zero, period);
    }
}
