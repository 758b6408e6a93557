using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Tables;

namespace Kobune.ApiServer.Tests.Tables;

public sealed class BuiltInCellsTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 10, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(119, "119s")]
    [InlineData(120, "2m")]
    [InlineData(185, "3m5s")]
    [InlineData(600, "10m")]
    [InlineData(10_799, "179m")]
    [InlineData(10_800, "3h")]
    [InlineData(25_500, "7h5m")]
    [InlineData(28_800, "8h")]
    [InlineData(172_799, "47h")]
    [InlineData(183_600, "2d3h")]
    [InlineData(691_200, "8d")]
    [InlineData(63_072_000, "2y")]
    [InlineData(65_664_000, "2y30d")]
    [InlineData(283_824_000, "9y")]
    [InlineData(-5, "<invalid>")]
    public void Ages(long seconds, string text) => Assert.Equal(text, HumanDuration.Format(TimeSpan.FromSeconds(seconds)));

    private static ContainerStatus Running(string name, bool ready = true) =>
        new() { Name = name, Ready = ready, State = new() { Running = new() } };

    private static ContainerStatus Waiting(string name, string reason) =>
        new() { Name = name, State = new() { Waiting = new() { Reason = reason } } };

    private static ContainerStatus Ended(string name, int code, string reason = "") =>
        new() { Name = name, State = new() { Terminated = new() { ExitCode = code, Reason = reason } } };

    private static readonly Dictionary<string, (PodStatus Status, string Ready, string Shown)> Pods = new()
    {
        ["pending"] = (new() { Phase = "Pending" }, "0/2", "Pending"),
        ["running"] = (new() { Phase = "Running", ContainerStatuses = [Running("a"), Running("b")] }, "2/2", "Running"),
        ["creating"] = (new() { Phase = "Pending", ContainerStatuses = [Waiting("a", "ContainerCreating"), Waiting("b", "ContainerCreating")] }, "0/2", "ContainerCreating"),
        ["crash loop"] = (new() { Phase = "Running", ContainerStatuses = [Waiting("a", "CrashLoopBackOff"), Running("b")] }, "1/2", "CrashLoopBackOff"),
        ["finished"] = (new() { Phase = "Succeeded", ContainerStatuses = [Ended("a", 0, "Completed"), Ended("b", 0, "Completed")] }, "0/2", "Completed"),
        ["exit code"] = (new() { Phase = "Failed", ContainerStatuses = [Ended("a", 3), Ended("b", 0, "Completed")] }, "0/2", "ExitCode:3"),
        ["evicted"] = (new() { Phase = "Failed", Reason = "Evicted" }, "0/2", "Evicted"),
        ["one done, one runs, not ready"] = (new() { Phase = "Running", ContainerStatuses = [Ended("a", 0, "Completed"), Running("b")] }, "1/2", "NotReady"),
        ["initializing"] = (new() { Phase = "Pending", InitContainerStatuses = [Running("i")] }, "0/2", "Init:0/1"),
        ["init failed"] = (new() { Phase = "Pending", InitContainerStatuses = [Ended("i", 1, "Error")] }, "0/2", "Init:Error"),
        ["gated"] = (new() { Phase = "Pending", Conditions = [new() { Type = "PodScheduled", Status = "False", Reason = "SchedulingGated" }] }, "0/2", "SchedulingGated"),
    };

    public static TheoryData<string> Names => [.. Pods.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Pod_status(string name)
    {
        var (status, ready, shown) = Pods[name];
        var pod = new Pod
        {
            Metadata = new() { Name = "p", CreationTimestamp = Now.AddMinutes(-5) },
            Spec = new() { Containers = [new() { Name = "a" }, new() { Name = "b" }], InitContainers = status.InitContainerStatuses.Count > 0 ? [new() { Name = "i" }] : [] },
            Status = status,
        };
        Assert.Equal<object?>(["p", ready, shown, "0", "5m", "<none>", "<none>", "<none>", "<none>"], PodCells.Of(pod, Now));
    }

    [Fact]
    public void A_going_pod_is_terminating_and_restarts_say_when()
    {
        var pod = new Pod
        {
            Metadata = new() { Name = "p", DeletionTimestamp = Now },
            Spec = new() { Containers = [new() { Name = "a" }], NodeName = "n" },
            Status = new()
            {
                Phase = "Running",
                PodIPs = [new() { IP = "10.244.0.5" }],
                ContainerStatuses = [Running("a") with { RestartCount = 4, LastTerminationState = new() { Terminated = new() { FinishedAt = Now.AddSeconds(-90) } } }],
            },
        };
        Assert.Equal<object?>(["p", "1/1", "Terminating", "4 (90s ago)", "<unknown>", "10.244.0.5", "n", "<none>", "<none>"], PodCells.Of(pod, Now));
    }

    [Fact]
    public void Services_show_addresses_and_ports_by_type()
    {
        var service = new Service
        {
            Metadata = new() { Name = "web", CreationTimestamp = Now.AddHours(-1) },
            Spec = new() { Type = "LoadBalancer", ClusterIP = "10.96.0.7", ClusterIPs = ["10.96.0.7"], Ports = [new() { Port = 80, NodePort = 30080, Protocol = "TCP" }, new() { Port = 53, Protocol = "UDP" }], Selector = new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" } },
        };
        Assert.Equal<object?>(["web", "LoadBalancer", "10.96.0.7", "<pending>", "80:30080/TCP,53/UDP", "60m", "a=1,b=2"], CoreCells.Service(service, Now));
    }

    [Fact]
    public void Every_kind_that_has_cells_reads_its_own_record()
    {
        var pods = BuiltInCells.For("", "pods")!;
        var cells = pods(new EncodedObject("""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"},"spec":{},"status":{"phase":"Pending"}}"""u8.ToArray()), Now);
        Assert.Equal("x", cells[0]);
        Assert.Null(BuiltInCells.For("", "limitranges"));
    }
}
