using System.Globalization;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Preemption;

namespace Kobune.Scheduler.Tests.Preemption;

/// <summary>Which node upstream picks. Nodes stand between bars; a victim is its priority and when it started, "!n" how many of them budgets protect.</summary>
public class PickRowTests
{
    [Theory]
    [InlineData("the first of equals", "100@0|100@0", 1)]
    [InlineData("the least important most important victim", "100@0 100@0|100@0 0@0|0@0 0@0", 3)]
    [InlineData("then the smallest sum", "100@0 100@0|100@0 0@0|100@0 100@0", 2)]
    [InlineData("then the fewest, and priorities below 0 do not make many cheaper", "100@0 -100@0 100@0 -100@0|100@0 -100@0|100@0 -100@0 0@0", 2)]
    [InlineData("a negative priority costs something", "100@0 -100@0 -100@0|100@0 -100@0|100@0 -100@0 0@0", 2)]
    [InlineData("each rule alone would pick another", "100@0 0@0 0@0|1000@0|100@0 0@0 0@0 0@0|100@0 100@0 100@0 -100@0", 1)]
    [InlineData("then who started last", "100@2 100@2|100@3 100@3|100@1 100@1", 2)]
    [InlineData("by the earliest start of a node", "100@4 100@2|100@5 100@1|100@3 100@6", 3)]
    [InlineData("among its most important victims", "0@4 100@2|100@6 0@1|0@3 100@5", 2)]
    [InlineData("budgets before all", "0@0 !1|1000@0 1000@0|0@0 !2", 2)]
    [InlineData("the fewest violations", "0@9 0@9 !2|1000@0 1000@0 !1", 2)]
    public void Pick(string name, string nodes, int expected)
    {
        var candidates = nodes.Split('|').Select((text, i) => Make($"{i + 1}", text.Split(' '))).ToList();
        Assert.Equal((name, $"{expected}"), (name, PreemptionPlan.Pick(candidates, StartOf).Node));
    }

    private static Candidate Make(string node, string[] parts)
    {
        var victims = parts.Where(p => p[0] != '!').Select((p, i) => Victim($"{node}.{i}", Number(p.Split('@')[0]), Number(p.Split('@')[1])));
        return new(node, PreemptionPlan.ByImportance(victims, StartOf), parts.Where(p => p[0] == '!').Sum(p => Number(p[1..])));
    }

    private static PodInfo Victim(string name, int priority, int start)
    {
        var pod = Objects.Pod(name, priority: priority);
        return new(pod with { Status = pod.Status with { StartTime = DateTimeOffset.UnixEpoch.AddSeconds(start) } });
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static DateTimeOffset StartOf(PodInfo pod) => pod.Pod.Status.StartTime!.Value;
}
