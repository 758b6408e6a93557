using Kobune.Api;
using Kobune.Api.Core.V1;

namespace Kobune.Scheduler.Tests;

/// <summary>Pods and nodes in few words.</summary>
internal static class Objects
{
    public static Pod Pod(string name, string cpu = "", string memory = "", int priority = 0, string node = "") => new()
    {
        Metadata = new() { Namespace = "default", Name = name, Uid = "uid-" + name },
        Spec = new() { Containers = [Container(cpu, memory)], Priority = priority, NodeName = node, SchedulerName = "default-scheduler" },
        Status = new() { Phase = PodPhase.Pending },
    };

    public static Container Container(string cpu = "", string memory = "", string? restartPolicy = null, string image = "app:1") => new()
    {
        Name = "c",
        Image = image,
        RestartPolicy = restartPolicy,
        Resources = new() { Requests = Requests(cpu, memory) },
    };

    public static Dictionary<string, Quantity> Requests(string cpu = "", string memory = "")
    {
        var requests = new Dictionary<string, Quantity>();
        if (cpu.Length > 0)
        {
            requests["cpu"] = Quantity.Parse(cpu);
        }

        if (memory.Length > 0)
        {
            requests["memory"] = Quantity.Parse(memory);
        }

        return requests;
    }

    public static Node Node(string name, string cpu = "4", string memory = "8Gi", string pods = "110", string labels = "", params Taint[] taints) => new()
    {
        Metadata = new() { Name = name, Uid = "uid-" + name, Labels = Labels(labels) },
        Spec = new() { Taints = taints },
        Status = new() { Allocatable = new Dictionary<string, Quantity>(Requests(cpu, memory)) { ["pods"] = Quantity.Parse(pods) } },
    };

    public static Taint Taint(string key, string effect = TaintEffect.NoSchedule, string value = "") => new() { Key = key, Effect = effect, Value = value };

    /// <summary>"a=1,b=2".</summary>
    public static Dictionary<string, string> Labels(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);

    public static Pod With(this Pod pod, Func<PodSpec, PodSpec> change) => pod with { Spec = change(pod.Spec) };

    public static NodeSelectorTerm Term(params NodeSelectorRequirement[] expressions) => new() { MatchExpressions = expressions };

    public static NodeSelectorRequirement Requirement(string key, string @operator, params string[] values) => new() { Key = key, Operator = @operator, Values = values };

    public static Affinity Requires(params NodeSelectorTerm[] terms) =>
        new() { NodeAffinity = new() { RequiredDuringSchedulingIgnoredDuringExecution = new() { NodeSelectorTerms = terms } } };
}
