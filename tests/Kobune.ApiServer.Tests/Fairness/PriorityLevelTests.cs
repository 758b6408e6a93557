using Kobune.Api.FlowControl.V1;
using Kobune.ApiServer.Fairness;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Tests.Fairness;

public class PriorityLevelTests
{
    private readonly TimerTime _time = new();
    private readonly FairnessMetrics _metrics = new();

    [Fact]
    public void Without_queues_one_too_many_is_refused()
    {
        var level = Level(seats: 2);
        var first = Start(level);
        Start(level);
        Assert.Null(Try(level, "u", 1, out var reason));
        Assert.Equal("concurrency-limit", reason);
        level.Finish(first);
        Assert.False(Start(level).HasToWait);
    }

    [Fact]
    public void The_exempt_level_takes_everybody()
    {
        var level = new PriorityLevel("exempt", _time);
        level.Configure(BootstrapFlows.MandatoryLevels.Single(l => l.Metadata.Name == "exempt"));
        level.SetLimit(0);
        Assert.All(Enumerable.Range(0, 50), _ => Assert.False(Start(level, seats: 10).HasToWait));
        Assert.Equal(500, level.SeatsInUse);
    }

    [Fact]
    public void Who_finds_no_seat_waits_for_one()
    {
        var level = Level(seats: 1, queues: 1, hand: 1, length: 2);
        var (first, second) = (Start(level), Start(level));
        Assert.True(second.HasToWait);
        Assert.False(second.Admitted.IsCompleted);
        level.Finish(first);
        Assert.True(second.Admitted.IsCompleted);
        level.Finish(second);
        Assert.True(level.IsIdle);
    }

    [Fact]
    public void A_full_queue_refuses()
    {
        var level = Level(seats: 1, queues: 1, hand: 1, length: 2);
        Start(level);
        Start(level);
        Start(level);
        Assert.Null(Try(level, "u", 1, out var reason));
        Assert.Equal(("queue-full", 2), (reason, level.Waiting));
    }

    [Fact]
    public void Who_gives_up_leaves_its_place_to_the_next()
    {
        var level = Level(seats: 1, queues: 1, hand: 1, length: 5);
        var first = Start(level);
        var (second, third) = (Start(level), Start(level));
        Assert.True(level.GiveUp(second));
        Assert.False(level.GiveUp(second));
        level.Finish(first);
        Assert.True(third.Admitted.IsCompleted);
        Assert.False(level.GiveUp(third)); // it is served
        Assert.False(second.Admitted.IsCompleted);
    }

    [Fact]
    public void A_flow_that_floods_does_not_keep_another_waiting()
    {
        var level = Level(seats: 1, queues: 64, hand: 1, length: 50);
        var running = Start(level, "noisy");
        var noisy = Enumerable.Range(0, 20).Select(_ => Start(level, "noisy")).ToList();
        var quiet = Start(level, "quiet");
        Assert.NotSame(noisy[0].Queue, quiet.Queue);
        var served = 0;
        while (!quiet.Admitted.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(3));
            level.Finish(running);
            running = noisy.FirstOrDefault(r => r.Admitted.IsCompleted) ?? quiet;
            noisy.Remove(running);
            served++;
        }

        Assert.InRange(served, 1, 2); // its turn comes with the first or the second
    }

    [Fact]
    public void Queues_are_served_by_work_not_by_number()
    {
        var level = Level(seats: 4, queues: 64, hand: 1, length: 50);
        var running = new List<FlowRequest> { Start(level, "wide", 4) };
        var wide = Enumerable.Range(0, 20).Select(_ => Start(level, "wide", 4)).ToList();
        var narrow = Enumerable.Range(0, 40).Select(_ => Start(level, "narrow", 1)).ToList();
        var waiting = wide.Concat(narrow).ToList();
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(3));
            foreach (var one in running)
            {
                level.Finish(one);
            }

            running = [.. waiting.Where(r => r.Admitted.IsCompleted)];
            waiting.RemoveAll(running.Contains);
        }

        var (servedWide, servedNarrow) = (wide.Count(r => r.Admitted.IsCompleted), narrow.Count(r => r.Admitted.IsCompleted));
        Assert.InRange(servedWide, 4, 6);
        Assert.InRange(servedNarrow, 4 * (servedWide - 2), 4 * (servedWide + 2)); // the same seat-seconds
    }

    [Fact]
    public void A_wide_request_waits_for_its_seats_and_nobody_passes_it()
    {
        var refused = 0;
        var level = Level(seats: 3, queues: 1, hand: 1, length: 5);
        level.NotAccommodated = _ => refused++;
        var (first, second) = (Start(level), Start(level));
        var wide = Start(level, seats: 2);
        var after = Start(level);
        Assert.True(wide.HasToWait && after.HasToWait && refused > 0);
        level.Finish(first);
        Assert.True(wide.Admitted.IsCompleted);
        Assert.False(after.Admitted.IsCompleted);
        level.Finish(second);
        Assert.True(after.Admitted.IsCompleted);
    }

    [Fact]
    public void Who_needs_more_seats_than_there_are_is_served_alone()
    {
        var level = Level(seats: 2, queues: 1, hand: 1, length: 5);
        var first = Start(level);
        var wide = Start(level, seats: 7);
        Assert.False(wide.Admitted.IsCompleted);
        level.Finish(first);
        Assert.True(wide.Admitted.IsCompleted);
    }

    [Fact]
    public void Seats_stay_taken_for_the_additional_latency()
    {
        var level = Level(seats: 2, queues: 1, hand: 1, length: 5);
        var write = Try(level, "u", new WorkEstimate(1, 2, TimeSpan.FromMilliseconds(5)), out _)!;
        var next = Start(level);
        level.Finish(write);
        Assert.Equal((0, 2), (level.Executing, level.SeatsInUse));
        Assert.False(next.Admitted.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(5));
        Assert.True(next.Admitted.IsCompleted);
        Assert.Equal(1, level.SeatsInUse);
    }

    [Fact]
    public void More_seats_admit_who_waits_and_fewer_queues_run_empty_first()
    {
        var level = Level(seats: 1, queues: 8, hand: 2, length: 5);
        var running = Enumerable.Range(0, 6).Select(i => Start(level, $"u{i}")).ToArray();
        level.SetLimit(4);
        Assert.Equal((4, 2), (level.Executing, level.Waiting));
        level.Configure(Object(queues: 1, hand: 1, length: 5));
        Assert.InRange(level.Inspect(q => q.Count), 2, 8);
        foreach (var request in running)
        {
            Assert.True(request.Admitted.IsCompleted);
            level.Finish(request);
        }

        Assert.Equal(1, level.Inspect(q => q.Count));
        Assert.True(level.IsIdle);
    }

    [Fact]
    public void Whatever_comes_and_goes_the_books_are_balanced()
    {
        var random = new Random(11);
        var level = Level(seats: 5, queues: 8, hand: 3, length: 4);
        var (running, waiting) = (new List<FlowRequest>(), new List<FlowRequest>());
        for (var step = 0; step < 3000; step++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(random.Next(0, 5)));
            if (random.Next(2) == 0 && Try(level, $"u{random.Next(5)}", new WorkEstimate(random.Next(1, 4), random.Next(0, 3), TimeSpan.FromMilliseconds(random.Next(0, 3))), out _) is { } request)
            {
                waiting.Add(request);
            }
            else if (random.Next(5) == 0 && waiting.Count > 0 && level.GiveUp(waiting[0]))
            {
                waiting.RemoveAt(0);
            }
            else if (running.Count > 0)
            {
                level.Finish(running[0]);
                running.RemoveAt(0);
            }

            running.AddRange(waiting.Where(r => r.Admitted.IsCompleted));
            waiting.RemoveAll(r => r.Admitted.IsCompleted);
            Assert.Equal((running.Count, waiting.Count), (level.Executing, level.Waiting));
            Assert.True(level.Executing <= 1 || level.SeatsInUse <= 5, $"{level.SeatsInUse} seats");
            Assert.True(level.Waiting == 0 || level.SeatsInUse > 0, "somebody waits before free seats");
        }

        running.ForEach(level.Finish);
        for (var i = 0; i < 100 && !level.IsIdle; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            var next = waiting.Where(r => r.Admitted.IsCompleted).ToList();
            waiting.RemoveAll(next.Contains);
            next.ForEach(level.Finish);
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(level.IsIdle);
        Assert.Equal((0, 0), (level.SeatsInUse, level.SeatsWaiting));
        Assert.All(level.Inspect(q => q.ToArray()), q => Assert.Equal((0, 0, 0.0), (q.SeatsInUse, q.Executing, q.WorkWaiting)));
    }

    private static PriorityLevelConfiguration Object(int queues, int hand, int length) => new()
    {
        Metadata = new() { Name = "l" },
        Spec = new()
        {
            Type = "Limited",
            Limited = new()
            {
                NominalConcurrencyShares = 1,
                LimitResponse = queues == 0 ? new() { Type = "Reject" } : new() { Type = "Queue", Queuing = new() { Queues = queues, HandSize = hand, QueueLengthLimit = length } },
            },
        },
    };

    private PriorityLevel Level(int seats, int queues = 0, int hand = 0, int length = 0)
    {
        var level = new PriorityLevel("l", _time);
        level.Configure(Object(queues, hand, length));
        level.SetLimit(seats);
        return level;
    }

    private FlowRequest Start(PriorityLevel level, string flow = "u", int seats = 1) => Try(level, flow, seats, out _) ?? throw new InvalidOperationException("refused");

    private FlowRequest? Try(PriorityLevel level, string flow, int seats, out string reason) => Try(level, flow, new WorkEstimate(seats), out reason);

    private FlowRequest? Try(PriorityLevel level, string flow, WorkEstimate estimate, out string reason) =>
        level.Start(new FlowSchemaState(new() { Metadata = new() { Name = "s" } }, level, _metrics), flow, estimate, new ApiCall { Method = "GET", Path = "/" }, out reason);
}
