using Kobune.Client.Controllers;
using Kobune.Client.Metrics;

namespace Kobune.Client.Tests;

public class WorkQueueTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task A_key_waits_once()
    {
        using var queue = new WorkQueue<string>(_time);
        queue.Add("a");
        queue.Add("a");
        queue.Add("b");
        Assert.Equal(2, queue.Count);
        Assert.Equal("a", await queue.TakeAsync(default));
        Assert.Equal("b", await queue.TakeAsync(default));
    }

    [Fact]
    public async Task A_key_added_while_worked_on_comes_again_afterwards()
    {
        using var queue = new WorkQueue<string>(_time);
        queue.Add("a");
        await queue.TakeAsync(default);
        queue.Add("a");
        Assert.Equal(0, queue.Count);
        queue.Done("a");
        Assert.Equal(1, queue.Count);
        Assert.Equal("a", await queue.TakeAsync(default));
        queue.Done("a");
        Assert.True(queue.IsIdle);
    }

    [Fact]
    public void Of_several_delays_the_earliest_holds()
    {
        using var queue = new WorkQueue<string>(_time);
        queue.AddAfter("a", TimeSpan.FromSeconds(10));
        queue.AddAfter("a", TimeSpan.FromSeconds(2));
        queue.AddAfter("a", TimeSpan.FromSeconds(5));
        _time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Equal(0, queue.Count);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(1, queue.Count);
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(1, queue.Count);
        Assert.Equal(0, _time.PendingTimers);
    }

    [Fact]
    public void Failures_double_the_delay_from_5_ms_to_1000_s()
    {
        var backoff = new BackoffOptions();
        Assert.Equal(TimeSpan.FromMilliseconds(5), backoff.After(0));
        Assert.Equal(TimeSpan.FromMilliseconds(40), backoff.After(3));
        Assert.Equal(TimeSpan.FromSeconds(1000), backoff.After(18));
        Assert.Equal(TimeSpan.FromSeconds(1000), backoff.After(int.MaxValue));
    }

    [Fact]
    public void Forgetting_starts_the_backoff_anew()
    {
        using var queue = new WorkQueue<string>(_time);
        for (var i = 0; i < 5; i++)
        {
            queue.AddRateLimited("a");
        }

        Assert.Equal(5, queue.Failures("a"));
        queue.Forget("a");
        Assert.Equal(0, queue.Failures("a"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Generated_sequences_keep_the_invariants(int seed)
    {
        // Model: a key is due again exactly when it was added after its last take; no key is with two workers; nothing is lost.
        var random = new Random(seed);
        using var queue = new WorkQueue<int>(_time);
        var dirty = new HashSet<int>();
        var delayed = new Dictionary<int, DateTimeOffset>();
        var processing = new HashSet<int>();
        for (var step = 0; step < 20_000; step++)
        {
            var key = random.Next(12);
            switch (random.Next(6))
            {
                case 0 or 1:
                    queue.Add(key);
                    dirty.Add(key);
                    break;
                case 2:
                    var delay = TimeSpan.FromMilliseconds(random.Next(1, 50));
                    queue.AddAfter(key, delay);
                    var due = _time.GetUtcNow() + delay;
                    delayed[key] = delayed.TryGetValue(key, out var known) && known < due ? known : due;
                    break;
                case 3 when dirty.Except(processing).Any():
                    var taken = await queue.TakeAsync(default);
                    Assert.Contains(taken, dirty);
                    Assert.True(processing.Add(taken), "a key was with two workers");
                    dirty.Remove(taken);
                    break;
                case 4 when processing.Count > 0:
                    var done = processing.ElementAt(random.Next(processing.Count));
                    processing.Remove(done);
                    queue.Done(done);
                    break;
                case 5:
                    _time.Advance(TimeSpan.FromMilliseconds(random.Next(10)));
                    foreach (var (late, _) in delayed.Where(d => d.Value <= _time.GetUtcNow()).ToList())
                    {
                        delayed.Remove(late);
                        dirty.Add(late);
                    }

                    break;
            }

            Assert.Equal(dirty.Except(processing).Count(), queue.Count);
        }
    }

    [Fact]
    public async Task What_happens_to_keys_is_counted_and_what_is_under_way_is_read()
    {
        var metrics = new WorkQueueMetrics();
        using var queue = new WorkQueue<string>(_time, new BackoffOptions(), meter: state => metrics.Of("q", state));
        queue.Add("a");
        queue.Add("a");
        queue.Add("b");
        _time.Advance(TimeSpan.FromSeconds(2));
        await queue.TakeAsync(default);
        queue.Add("a"); // comes again: an add, but it does not wait yet
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(["adds_total 3", "depth 1", "longest_running_processor_seconds 3", "queue_duration_seconds_sum 2", "unfinished_work_seconds 3", "work_duration_seconds_sum 0"], Read());
        queue.AddRateLimited("a");
        queue.Done("a");
        await queue.TakeAsync(default);
        await queue.TakeAsync(default);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["adds_total 4", "depth 0", "longest_running_processor_seconds 1", "queue_duration_seconds_sum 7", "unfinished_work_seconds 2", "work_duration_seconds_sum 3"], Read());
        Assert.Contains("workqueue_retries_total{name=\"q\"} 1\n", Text(), StringComparison.Ordinal);
        using var next = new WorkQueue<string>(_time, meter: state => metrics.Of("q", state));
        next.Add("c");
        Assert.Equal(["adds_total 5", "depth 1", "longest_running_processor_seconds 0"], Read().Take(3)); // one that takes its place counts on

        string Text()
        {
            var text = new System.Text.StringBuilder();
            foreach (var family in metrics.Families)
            {
                family.Write(text);
            }

            return text.ToString();
        }

        IEnumerable<string> Read() => new[] { "adds_total", "depth", "longest_running_processor_seconds", "queue_duration_seconds_sum", "unfinished_work_seconds", "work_duration_seconds_sum" }
            .Select(n => $"{n} {Text().Split('\n').FirstOrDefault(l => l.StartsWith($"workqueue_{n}{{name=\"q\"}}", StringComparison.Ordinal))?.Split(' ')[1] ?? "-"}");
    }
}
