using Kobune.Api.Meta.V1;
using Kobune.Client.Informers;

namespace Kobune.Client.Tests;

public class ReflectorMachineTests
{
    private static readonly ReflectorState Watching = new(ReflectorPhase.Watch, "7", 0, false);

    [Fact]
    public void The_first_list_takes_any_revision()
    {
        Assert.Equal(new(ReflectorPhase.List, "0", 0, false), ReflectorState.Start(streaming: false));
        Assert.Equal(ReflectorPhase.StreamingList, ReflectorState.Start(streaming: true).Phase);
    }

    [Fact]
    public void A_watch_that_ended_goes_on_where_it_was()
    {
        var next = ReflectorMachine.Next(Watching, ReflectorOutcome.WatchEnded, "9");
        Assert.Equal(new(ReflectorPhase.Watch, "9", 0, false), next);
        Assert.Equal(TimeSpan.Zero, ReflectorMachine.Delay(next, 1));
    }

    [Fact]
    public void An_expired_revision_lists_the_newest()
    {
        Assert.Equal(new(ReflectorPhase.List, "", 1, false), ReflectorMachine.Next(Watching, ReflectorOutcome.Expired, "9"));
    }

    [Fact]
    public void A_server_that_is_away_keeps_the_revision_and_the_phase()
    {
        var once = ReflectorMachine.Next(Watching, ReflectorOutcome.Unavailable, "9");
        var twice = ReflectorMachine.Next(once, ReflectorOutcome.Unavailable, "9");
        Assert.Equal(new(ReflectorPhase.Watch, "9", 2, false), twice);
        Assert.Equal(TimeSpan.FromMilliseconds(200), ReflectorMachine.Delay(twice, 1));
        Assert.Equal(TimeSpan.FromMilliseconds(100), ReflectorMachine.Delay(twice, 0));
    }

    [Fact]
    public void The_delay_ends_at_30_s()
    {
        Assert.Equal(TimeSpan.FromSeconds(30), ReflectorMachine.Delay(Watching with { Failures = 1000 }, 1));
    }

    [Fact]
    public void A_refused_streaming_list_becomes_a_list_for_good()
    {
        var next = ReflectorMachine.Next(ReflectorState.Start(true), ReflectorOutcome.StreamingRefused, "");
        Assert.Equal(ReflectorPhase.List, next.Phase);
        Assert.Equal(ReflectorPhase.List, ReflectorMachine.Next(next with { Phase = ReflectorPhase.Watch }, ReflectorOutcome.Expired, "").Phase);
    }

    [Theory]
    [InlineData(410, StatusReason.Expired, (int)ReflectorOutcome.Expired)]
    [InlineData(410, StatusReason.Gone, (int)ReflectorOutcome.Expired)]
    [InlineData(429, StatusReason.TooManyRequests, (int)ReflectorOutcome.Unavailable)]
    [InlineData(503, StatusReason.ServiceUnavailable, (int)ReflectorOutcome.Unavailable)]
    [InlineData(403, StatusReason.Forbidden, (int)ReflectorOutcome.Failed)]
    [InlineData(422, StatusReason.Invalid, (int)ReflectorOutcome.Failed)]
    public void Statuses_of_a_watch(int code, string reason, int outcome)
    {
        Assert.Equal((ReflectorOutcome)outcome, ReflectorMachine.Classify(new Status { Code = code, Reason = reason }, ReflectorPhase.Watch));
    }

    [Fact]
    public void Statuses_of_a_streaming_list()
    {
        Assert.Equal(ReflectorOutcome.StreamingRefused, ReflectorMachine.Classify(new Status { Code = 422, Reason = StatusReason.Invalid }, ReflectorPhase.StreamingList));
        var ahead = new Status { Code = 504, Reason = StatusReason.Timeout, Details = new StatusDetails { Causes = [new() { Type = "ResourceVersionTooLarge" }] } };
        Assert.Equal(ReflectorOutcome.Expired, ReflectorMachine.Classify(ahead, ReflectorPhase.StreamingList));
    }
}
