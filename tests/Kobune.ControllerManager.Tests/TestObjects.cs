using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.Tests;

/// <summary>Short ways to write objects.</summary>
internal static class TestObjects
{
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static readonly IReadOnlyDictionary<string, string> Web = new Dictionary<string, string> { ["app"] = "web" };

    public static PodTemplateSpec Template(string image) => new()
    {
        Metadata = new ObjectMeta { Labels = Web },
        Spec = new PodSpec { Containers = [new Container { Name = "c", Image = image }] },
    };

    public static Pod Pod(string name, bool ready = true, string node = "n1", string phase = PodPhase.Running, string ip = "10.244.0.9", TimeSpan? age = null) => new()
    {
        Metadata = new ObjectMeta { Namespace = "default", Name = name, Uid = "uid-" + name, Labels = Web, CreationTimestamp = Now - (age ?? TimeSpan.FromHours(1)) },
        Spec = new PodSpec { NodeName = node, Containers = [new Container { Name = "c", Ports = [new ContainerPort { Name = "http", ContainerPortValue = 8080 }] }] },
        Status = new PodStatus
        {
            Phase = phase,
            PodIP = ip,
            PodIPs = ip.Length == 0 ? [] : [new PodIP { IP = ip }],
            Conditions = [new PodCondition { Type = PodConditionType.Ready, Status = ready ? "True" : "False", LastTransitionTime = Now - (age ?? TimeSpan.FromHours(1)) }],
        },
    };

    public static Pod Deleting(this Pod pod) => pod with { Metadata = pod.Metadata with { DeletionTimestamp = Now } };

    public static Deployment Deployment(int replicas, string image = "v1", string strategy = DeploymentStrategyType.RollingUpdate) => new()
    {
        Metadata = new ObjectMeta { Namespace = "default", Name = "web", Uid = "uid-web", Generation = 1 },
        Spec = new DeploymentSpec
        {
            Replicas = replicas,
            Selector = new LabelSelector { MatchLabels = Web },
            Template = Template(image),
            Strategy = new DeploymentStrategy { Type = strategy, RollingUpdate = strategy == DeploymentStrategyType.RollingUpdate ? new RollingUpdateDeployment { MaxSurge = "25%", MaxUnavailable = "25%" } : null },
            RevisionHistoryLimit = 10,
            ProgressDeadlineSeconds = 600,
        },
    };

    public static ReplicaSet Set(string name, int replicas, string image = "v1", int? available = null, int? exist = null, int revision = 1, int desired = 0, int max = 0) => new()
    {
        Metadata = new ObjectMeta
        {
            Namespace = "default",
            Name = name,
            Uid = "uid-" + name,
            CreationTimestamp = Now.AddMinutes(revision),
            OwnerReferences = [PodFromTemplate.ControllerReference(Deployment(1))],
            Annotations = new Dictionary<string, string>
            {
                ["deployment.kubernetes.io/revision"] = revision.ToString(),
                ["deployment.kubernetes.io/desired-replicas"] = desired.ToString(),
                ["deployment.kubernetes.io/max-replicas"] = max.ToString(),
            },
        },
        Spec = new ReplicaSetSpec { Replicas = replicas, Template = Template(image) with { Metadata = new ObjectMeta { Labels = new Dictionary<string, string>(Web) { ["pod-template-hash"] = name } } } },
        Status = new ReplicaSetStatus { Replicas = exist ?? replicas, ReadyReplicas = available ?? replicas, AvailableReplicas = available ?? replicas },
    };
}
