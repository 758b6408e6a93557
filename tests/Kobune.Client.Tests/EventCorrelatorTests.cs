using Kobune.Api.Core.V1;
using Kobune.Client.Events;

namespace Kobune.Client.Tests;

public class EventCorrelatorTests
{
    private readonly ManualTime _time = new();
    private readonly EventCorrelator _correlator;

    public EventCorrelatorTests()
    {
        _correlator = new(_time);
    }

    [Fact]
    public void An_event_is_named_after_its_object_and_the_time_in_hexadecimal()
    {
        var made = Make("Started", "m");
        Assert.Matches("^web\\.[0-9a-f]{16}$", made.Metadata.Name);
        Assert.Equal(("default", "kubelet", "node1"), (made.Metadata.Namespace, made.ReportingController, made.Source.Host));
    }

    [Fact]
    public void A_repetition_is_counted_by_a_patch_of_the_first()
    {
        var first = _correlator.Correlate(Make("BackOff", "m"))!;
        Assert.Null(first.Patch);
        _correlator.Wrote(first.Event);
        _time.Advance(TimeSpan.FromSeconds(10));
        var second = _correlator.Correlate(Make("BackOff", "m"))!;
        Assert.Equal((first.Event.Metadata.Name, 2), (second.Event.Metadata.Name, second.Event.Count));
        Assert.Equal(first.Event.FirstTimestamp, second.Event.FirstTimestamp);
        Assert.Equal("""{"count":2,"lastTimestamp":"2026-03-01T12:00:10Z","message":"m"}""", second.Patch!.ToString());
    }

    [Fact]
    public void More_than_ten_similar_ones_are_combined()
    {
        var messages = Enumerable.Range(0, 12).Select(i => _correlator.Correlate(Make("Failed", "m" + i))!.Event).ToList();
        Assert.Equal("m8", messages[8].Message);
        Assert.Equal("(combined from similar events): m9", messages[9].Message);
        Assert.Equal(("(combined from similar events): m11", 3), (messages[11].Message, messages[11].Count));
    }

    [Fact]
    public void A_flood_about_one_object_is_cut_after_25_and_refills_slowly()
    {
        var written = Enumerable.Range(0, 40).Count(_ => _correlator.Correlate(Make("Flood", "m")) is not null);
        Assert.Equal(25, written);
        _time.Advance(TimeSpan.FromSeconds(300));
        Assert.NotNull(_correlator.Correlate(Make("Flood", "m")));
        Assert.Null(_correlator.Correlate(Make("Flood", "m")));
    }

    private Event Make(string reason, string message) => EventFactory.Make(
        new ObjectReference { Kind = "Pod", Namespace = "default", Name = "web", Uid = "u" },
        "Normal",
        reason,
        message,
        new EventSource { Component = "kubelet", Host = "node1" },
        _time.GetUtcNow());
}
