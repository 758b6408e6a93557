using Kobune.Api.Core.V1;

namespace Kobune.Scheduler.Tests;

public class PodConditionWriterTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void First_failure_writes_the_whole_condition() => Assert.Equal(
        """{"status":{"conditions":[{"type":"PodScheduled","observedGeneration":1,"status":"False","lastProbeTime":null,"lastTransitionTime":"2026-01-02T03:04:05Z","reason":"Unschedulable","message":"why"}]}}""",
        PodConditionWriter.Patch(Told(), "Unschedulable", "why", "", false, Now)!.ToJsonString());

    [Fact]
    public void Same_words_again_write_nothing() => Assert.Null(PodConditionWriter.Patch(Told("why"), "Unschedulable", "why", "", false, Now));

    [Fact]
    public void Other_words_keep_the_time_of_the_transition()
    {
        var patch = PodConditionWriter.Patch(Told("why"), "Unschedulable", "else", null, false, Now)!.ToJsonString();
        Assert.Contains("\"lastTransitionTime\":\"2026-01-01T00:00:00Z\"", patch, StringComparison.Ordinal);
        Assert.Contains("\"message\":\"else\"", patch, StringComparison.Ordinal);
    }

    [Fact]
    public void Nomination_is_written_and_taken_back()
    {
        Assert.Equal("""{"status":{"nominatedNodeName":"n"}}""", PodConditionWriter.Patch(Told("why"), "Unschedulable", "why", "n", false, Now)!.ToJsonString());
        var nominated = Told("why");
        nominated = nominated with { Status = nominated.Status with { NominatedNodeName = "n" } };
        Assert.Equal("""{"status":{"nominatedNodeName":null}}""", PodConditionWriter.Patch(nominated, "Unschedulable", "why", "", false, Now)!.ToJsonString());
        Assert.Null(PodConditionWriter.Patch(nominated, "Unschedulable", "why", null, false, Now));
    }

    [Fact]
    public void What_the_cache_shows_is_no_reason_to_be_silent_when_something_else_was_told_since()
    {
        Assert.Equal(
            """{"status":{"conditions":[{"type":"PodScheduled","observedGeneration":1,"status":"False","lastProbeTime":null,"lastTransitionTime":"2026-01-01T00:00:00Z","reason":"Unschedulable","message":"why"}],"nominatedNodeName":null}}""",
            PodConditionWriter.Patch(Told("why"), "Unschedulable", "why", "", true, Now)!.ToJsonString());
    }

    private static Pod Told(string? message = null)
    {
        var pod = Objects.Pod("a") with { Metadata = new() { Name = "a", Generation = 1 } };
        return message is null ? pod : pod with
        {
            Status = new()
            {
                Conditions = [new() { Type = "PodScheduled", Status = "False", Reason = "Unschedulable", Message = message, LastTransitionTime = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero) }],
            },
        };
    }
}
