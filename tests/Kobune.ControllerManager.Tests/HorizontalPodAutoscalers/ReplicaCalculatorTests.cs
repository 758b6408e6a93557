using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.ControllerManager.HorizontalPodAutoscalers;
using static Kobune.ControllerManager.Tests.TestObjects;

namespace Kobune.ControllerManager.Tests.HorizontalPodAutoscalers;

public class ReplicaCalculatorTests
{
    private static readonly Tolerance Tenth = new(0.1, 0.1);
    private static readonly StartUpDelays Delays = new(TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(30));

    /// <summary>Pods are words: a number is the usage in millicores of 1000 requested, with a suffix: u for not ready, ! for pending, f for failed; ? has no metric.</summary>
    [Theory]
    [InlineData(3, 30, "300 500 700", 5)] // scale up
    [InlineData(3, 100, "950 950 950", 3)] // within the tolerance
    [InlineData(5, 50, "100 300 500 250 250", 3)] // scale down
    [InlineData(3, 30, "400u 500 700", 4)] // an unready pod counts as nothing on the way up
    [InlineData(3, 30, "400u 500! 700", 3)] // and so does a pending one
    [InlineData(3, 30, "400u 500f 700", 3)] // a failed one does not count at all
    [InlineData(4, 100, "? 1000 1000 1000", 4)]
    [InlineData(4, 50, "? 100 450 250", 4)] // a pod without metrics uses all that it asked for on the way down
    [InlineData(3, 90, "? 1000 1000", 3)] // and nothing on the way up
    [InlineData(2, 100, "? 1000", 2)]
    public void Utilization_gives_replicas(int current, int target, string words, int expected)
    {
        var (pods, metrics) = Of(words);
        Assert.Equal(expected, ReplicaCalculator.ByUtilization(current, target, metrics, pods, "cpu", null, Tenth, Delays, Now).Replicas);
    }

    [Theory]
    [InlineData(3, 300, "500 500 500", 5)]
    [InlineData(3, 500, "500 500 510", 3)]
    [InlineData(4, 500, "200 200 200 200", 2)]
    [InlineData(4, 500, "? 200 200 200", 3)]
    public void Values_per_pod_give_replicas(int current, long target, string words, int expected)
    {
        var (pods, metrics) = Of(words);
        Assert.Equal(expected, ReplicaCalculator.ByValue(current, target, metrics, pods, "", Tenth, Delays, Now).Replicas);
    }

    [Theory]
    [InlineData(2, 8000, 2000, 4, 4000)]
    [InlineData(4, 8100, 2000, 4, 2025)]
    [InlineData(0, 8000, 2000, 4, 0)]
    public void Shared_values_are_divided(int current, long usage, long target, int expected, long average) =>
        Assert.Equal((expected, average), ReplicaCalculator.ByShare(current, usage, target, Tenth));

    [Theory]
    [InlineData(3, 2.0, 6)]
    [InlineData(3, 1.05, 3)]
    [InlineData(0, 1.5, 2)]
    public void Ratios_count_ready_pods(int current, double ratio, int expected) =>
        Assert.Equal(expected, ReplicaCalculator.ByRatio(current, ratio, [Pod("a"), Pod("b"), Pod("c"), Pod("d", ready: false)], Tenth));

    [Fact]
    public void What_is_missing_is_named()
    {
        var (pods, metrics) = Of("100");
        var bare = pods[0] with { Spec = pods[0].Spec with { Containers = [new() { Name = "c" }] } };
        string MessageOf(Dictionary<string, PodMetric> given, params Pod[] all) =>
            Assert.Throws<MetricException>(() => ReplicaCalculator.ByUtilization(1, 50, given, all, "cpu", null, Tenth, Delays, Now)).Message;
        Assert.Equal("no pods returned by selector while calculating replica count", MessageOf(metrics));
        Assert.Equal("missing request for cpu in container c of Pod p0", MessageOf(metrics, bare));
        Assert.Equal("did not receive metrics for targeted pods (pods might be unready)", MessageOf([], pods[0]));
        Assert.Equal("did not receive metrics for targeted pods (pods might be unready)", MessageOf([], bare));
        Assert.Equal("no pods returned by selector while calculating replica count", Assert.Throws<MetricException>(() => ReplicaCalculator.ByRatio(1, 2, [], Tenth)).Message);
    }

    /// <summary>Requests are words: "c=2" of a container, "s=1" of a sidecar, "i=9" of an init container, "p=5" of the pod as a whole ("pm=5": of memory); "c" has none.</summary>
    [Theory]
    [InlineData("c=2 d=1", null, "3000")]
    [InlineData("c=2 s=1 i=9", null, "3000")]
    [InlineData("c=2 s=1", "s", "1000")]
    [InlineData("c=2 p=5", null, "5000")]
    [InlineData("c p=5", null, "5000")]
    [InlineData("c=2 p=5", "c", "2000")]
    [InlineData("c=2 d=1 pm=5", null, "3000")]
    [InlineData("c pm=5", null, "missing pod-level request for cpu in Pod a")]
    [InlineData("c=2 d", null, "missing request for cpu in container d of Pod a")]
    [InlineData("c=2 d", "c", "2000")]
    [InlineData("c=2", "x", "container x not found in Pod a")]
    public void Pods_ask_for_what_they_say_as_a_whole_or_what_their_containers_do(string words, string? only, string expected)
    {
        var parts = words.Split(' ').Select(w => (Name: w.Split('=')[0], Value: w.Contains('=') ? w.Split('=')[1] : null)).ToList();
        var pod = Pod("a");
        pod = pod with
        {
            Spec = pod.Spec with
            {
                Containers = [.. parts.Where(p => p.Name is "c" or "d").Select(p => new Container { Name = p.Name, Resources = new() { Requests = Requests(p.Value) } })],
                InitContainers = [.. parts.Where(p => p.Name is "s" or "i").Select(p => new Container { Name = p.Name, RestartPolicy = p.Name == "s" ? "Always" : null, Resources = new() { Requests = Requests(p.Value) } })],
                Resources = parts.Where(p => p.Name[0] == 'p').Select(p => new ResourceRequirements { Requests = Requests(p.Value, p.Name == "p" ? "cpu" : "memory") }).FirstOrDefault(),
            },
        };
        string Ask()
        {
            try
            {
                return $"{MeasuredRequests.Of([pod], "cpu", only)["a"]}";
            }
            catch (MetricException e)
            {
                return e.Message;
            }
        }

        Assert.Equal(expected, Ask());
        static Dictionary<string, Quantity> Requests(string? value, string name = "cpu") => value is null ? [] : new() { [name] = Quantity.Parse(value) };
    }

    private static (List<Pod> Pods, Dictionary<string, PodMetric> Metrics) Of(string words)
    {
        var metrics = new Dictionary<string, PodMetric>();
        var pods = words.Split(' ').Select((word, i) =>
        {
            var name = $"p{i}";
            if (word != "?")
            {
                metrics[name] = new(long.Parse(word.TrimEnd('u', '!', 'f'), System.Globalization.CultureInfo.InvariantCulture), Now, TimeSpan.FromSeconds(30));
            }

            var pod = Pod(name, ready: word[^1] != 'u', phase: word[^1] switch { '!' => PodPhase.Pending, 'f' => PodPhase.Failed, _ => PodPhase.Running });
            return pod with
            {
                Spec = pod.Spec with { Containers = [new() { Name = "c", Resources = new() { Requests = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("1") } } }] },
                Status = pod.Status with { StartTime = Now.AddHours(-1), Conditions = [pod.Status.Conditions[0] with { LastTransitionTime = Now.AddHours(-1) }] },
            };
        }).ToList();
        return (pods, metrics);
    }
}
