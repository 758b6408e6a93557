using Kobune.Api.Core.V1;
using Kobune.Kubelet.Containers;
using Kobune.Kubelet.Pods;
using Kobune.Kubelet.Runtime;
using State = Kobune.Kubelet.Cri.ContainerState;

namespace Kobune.Kubelet.Tests.Pods;

public class PodActionPlanTests
{
    private sealed record Case(string Name)
    {
        public string Policy { get; init; } = "Always";
        public string[] Init { get; init; } = [];
        public string[] Containers { get; init; } = ["a"];
        public string? Sandbox { get; init; } = "ready";
        public RuntimeContainer[] Runs { get; init; } = [];
        public string[] NotLive { get; init; } = [];
        public bool Deleting { get; init; }
        public ContainerRestartRule[] Rules { get; init; } = [];
        public string? Own { get; init; }
        public bool RestartsAll { get; init; }
        public string Expect { get; init; } = "";
    }

    private static RuntimeContainer Running(string name, string? image = null) => new("id-" + name, name, "s1", State.ContainerRunning) { Hash = PodContainers.Hash(new() { Name = name, Image = image ?? "i" }) };

    private static RuntimeContainer Exited(string name, int code, string sandbox = "s1") => new("id-" + name, name, sandbox, State.ContainerExited) { ExitCode = code, Hash = PodContainers.Hash(new() { Name = name, Image = "i" }) };

    private static ContainerRestartRule Rule(string action, params int[] codes) => new() { Action = action, ExitCodes = new() { Operator = "In", Values = codes } };

    private static readonly Case[] Cases =
    [
        new("new pod gets a sandbox and its containers") { Sandbox = null, Expect = "kill sandbox0 start:a" },
        new("new pod with init containers starts the first alone") { Sandbox = null, Init = ["i1", "i2"], Expect = "kill sandbox0 init:i1" },
        new("running pod needs nothing") { Runs = [Running("a")], Expect = "" },
        new("missing container is started") { Containers = ["a", "b"], Runs = [Running("a")], Expect = "start:b" },
        new("created container that never started is started") { Runs = [new("x", "a", "s1", State.ContainerCreated)], Expect = "start:a" },
        new("crashed container restarts") { Runs = [Exited("a", 1)], Expect = "start:a" },
        new("finished container restarts under Always") { Runs = [Exited("a", 0)], Expect = "start:a" },
        new("finished container ends the pod under OnFailure") { Policy = "OnFailure", Runs = [Exited("a", 0)], Expect = "kill" },
        new("failed container restarts under OnFailure") { Policy = "OnFailure", Runs = [Exited("a", 2)], Expect = "start:a" },
        new("failed container ends the pod under Never") { Policy = "Never", Runs = [Exited("a", 2)], Expect = "kill" },
        new("one of two still running keeps the pod") { Policy = "Never", Containers = ["a", "b"], Runs = [Exited("a", 0), Running("b")], Expect = "" },
        new("deleted pod restarts nothing") { Containers = ["a", "b"], Deleting = true, Runs = [Exited("a", 1), Running("b")], Expect = "" },
        new("dead sandbox is made anew with the next number") { Sandbox = "dead", Runs = [Exited("a", 0)], Expect = "kill sandbox4 start:a" },
        new("dead sandbox of a Never pod stays dead") { Sandbox = "dead", Policy = "Never", Runs = [Exited("a", 0)], Expect = "kill" },
        new("dead sandbox of a finished OnFailure pod stays dead") { Sandbox = "dead", Policy = "OnFailure", Runs = [Exited("a", 0)], Expect = "kill" },
        new("dead sandbox starts over with the init containers") { Sandbox = "dead", Init = ["i1"], Runs = [Exited("i1", 0), Exited("a", 1)], Expect = "kill sandbox4 init:i1" },
        new("containers of an older sandbox do not count") { Runs = [Exited("a", 0, "s0")], Policy = "OnFailure", Expect = "start:a" },
        new("changed image restarts the container") { Runs = [Running("a", "old")], Expect = "kill:a(Container a definition changed, will be restarted) start:a" },
        new("failed liveness restarts the container") { Runs = [Running("a")], NotLive = ["id-a"], Expect = "kill:a(Container a failed liveness probe, will be restarted) start:a" },
        new("failed liveness under Never kills it for good") { Policy = "Never", Containers = ["a", "b"], Runs = [Running("a"), Running("b")], NotLive = ["id-a"], Expect = "kill:a(Container a failed liveness probe)" },
        new("second init container follows the first") { Init = ["i1", "i2"], Runs = [Exited("i1", 0)], Expect = "init:i2" },
        new("running init container holds the others back") { Init = ["i1", "i2"], Runs = [Running("i1")], Expect = "" },
        new("failed init container is tried again") { Init = ["i1"], Runs = [Exited("i1", 1)], Expect = "init:i1" },
        new("failed init container ends a Never pod") { Init = ["i1"], Policy = "Never", Runs = [Exited("i1", 1)], Expect = "kill" },
        new("containers follow the last init container") { Init = ["i1"], Containers = ["a", "b"], Runs = [Exited("i1", 0)], Expect = "start:a start:b" },
        new("init containers that were collected do not run again") { Init = ["i1"], Runs = [Running("a")], Expect = "" },
        new("sidecar starts before the containers") { Init = ["*s"], Runs = [], Expect = "init:s" },
        new("running sidecar lets the containers start") { Init = ["*s"], Runs = [Running("s")], Expect = "start:a" },
        new("sidecar that ended is started again beside the containers") { Init = ["*s"], Runs = [Exited("s", 0), Running("a")], Expect = "init:s" },
        new("a rule restarts a container of a Never pod") { Policy = "Never", Own = "Never", Rules = [Rule("Restart", 42)], Runs = [Exited("a", 42)], Expect = "start:a" },
        new("another code ends it") { Policy = "Never", Own = "Never", Rules = [Rule("Restart", 42)], Runs = [Exited("a", 1)], Expect = "kill" },
        new("an own policy Never counts more than the pod's Always") { Own = "Never", Runs = [Exited("a", 1)], Expect = "kill" },
        new("an own policy OnFailure restarts in a Never pod") { Policy = "Never", Own = "OnFailure", Runs = [Exited("a", 1)], Expect = "start:a" },
        new("failed liveness ends a container of policy Never for good in an Always pod") { Own = "Never", Containers = ["a", "b"], Runs = [Running("a"), Running("b")], NotLive = ["id-a"], Expect = "kill:a(Container a failed liveness probe)" },
        new("dead sandbox of a Never pod is made anew for a container that restarts always") { Sandbox = "dead", Policy = "Never", Own = "Always", Runs = [Exited("a", 0)], Expect = "kill sandbox4 start:a" },
        new("a restart of all takes every run away, the one that asked for it last")
        {
            Policy = "Never", Own = "Never", Rules = [Rule("RestartAllContainers", 88)], Init = ["i1"], Containers = ["a", "b"], RestartsAll = true,
            Runs = [Exited("a", 88), Running("b"), Exited("i1", 0), Running("debugger")], Expect = "reset:b reset:i1 reset:a",
        },
        new("a restart of all with nothing left begins anew") { Policy = "Never", Init = ["i1"], RestartsAll = true, Expect = "init:i1" },
        new("sidecars do not keep a finished pod alive") { Init = ["*s"], Policy = "OnFailure", Runs = [Running("s"), Exited("a", 0)], Expect = "kill" },
    ];

    public static TheoryData<string> Names => [.. Cases.Select(c => c.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Next_step(string name)
    {
        var c = Cases.Single(x => x.Name == name);
        var pod = new Pod
        {
            Metadata = new() { Name = "p", Uid = "u", DeletionTimestamp = c.Deleting ? DateTimeOffset.UnixEpoch : null },
            Spec = new()
            {
                RestartPolicy = c.Policy,
                InitContainers = [.. c.Init.Select(i => new Container { Name = i.TrimStart('*'), Image = "i", RestartPolicy = i.StartsWith('*') ? "Always" : null })],
                Containers = [.. c.Containers.Select(n => new Container { Name = n, Image = "i", LivenessProbe = new(), RestartPolicy = c.Own, RestartPolicyRules = c.Rules })],
            },
        };
        Cri.PodSandboxStatus[] sandboxes = c.Sandbox is null ? [] :
        [
            new()
            {
                Id = "s1",
                Metadata = new() { Attempt = 3 },
                State = c.Sandbox == "ready" ? Cri.PodSandboxState.SandboxReady : Cri.PodSandboxState.SandboxNotready,
                Network = new() { Ip = "10.1.1.1" },
            },
        ];
        var actions = PodActionPlan.Compute(pod, new PodRuntimeStatus("u", sandboxes, c.Runs), new Probes(c.NotLive), restartsAll: c.RestartsAll);
        Assert.Equal(c.Expect, Describe(actions));
    }

    private static string Describe(PodActions actions)
    {
        var parts = new List<string>();
        if (actions.KillPod)
        {
            parts.Add("kill");
        }

        if (actions.CreateSandbox)
        {
            parts.Add("sandbox" + actions.Attempt);
        }

        parts.AddRange(actions.Kill.Select(k => $"kill:{k.Container.Name}({k.Message})"));
        parts.AddRange(actions.Reset.Select(r => "reset:" + r.Name));
        parts.AddRange(actions.StartInit.Select(i => "init:" + i.Name));
        parts.AddRange(actions.Start.Select(s => "start:" + s.Name));
        return string.Join(' ', parts);
    }

    private sealed class Probes(string[] notLive) : IProbeResults
    {
        public bool? Liveness(string containerId) => notLive.Contains(containerId) ? false : null;

        public bool? Startup(string containerId) => null;

        public bool? Readiness(string containerId) => null;
    }
}
