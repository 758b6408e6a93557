using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Policy.V1;

namespace Kobune.Testing.Tests.Chaos;

/// <summary>What is declared, as objects.</summary>
internal static class ChaosObjects
{
    public const string VersionKey = "chaos/version";
    public const string Class = "by-hand";
    public const string Claim = "data";

    public static PodTemplateSpec Template(Wanted w, string delay, string restart = "Always")
    {
        var template = Manifests.Template(w.App, restart, ("start-delay", delay), ("run-duration", delay), (w.Kind == "Job" && w.OtherFlag ? "exit-code" : "none", "1"));
        return template with
        {
            Metadata = template.Metadata with { Annotations = new Dictionary<string, string>(template.Metadata.Annotations) { [VersionKey] = $"{w.Version}" } },
        };
    }

    public static Deployment Deployment(Wanted w, string delay) => new()
    {
        Metadata = Meta(w),
        Spec = new() { Replicas = w.Count, Selector = Selector(w), Template = Template(w, delay), Strategy = w.OtherFlag ? new() { Type = "Recreate" } : new() },
    };

    public static ReplicaSet ReplicaSet(Wanted w, string delay) => new()
    {
        Metadata = Meta(w),
        Spec = new() { Replicas = w.Count, Selector = Selector(w), Template = Template(w, delay) },
    };

    public static StatefulSet StatefulSet(Wanted w, string delay, bool parallel) => new()
    {
        Metadata = Meta(w),
        Spec = new()
        {
            Replicas = w.Count,
            Selector = Selector(w),
            Template = Template(w, delay),
            PodManagementPolicy = parallel ? "Parallel" : "OrderedReady",
            PersistentVolumeClaimRetentionPolicy = w.Flag ? new() { WhenDeleted = "Delete", WhenScaled = "Delete" } : null,
            VolumeClaimTemplates =
            [
                new()
                {
                    Metadata = new() { Name = Claim, Labels = new Dictionary<string, string> { ["app"] = w.App } },
                    Spec = new() { AccessModes = ["ReadWriteOnce"], StorageClassName = Class, Resources = new() { Requests = Storage } },
                },
            ],
        },
    };

    public static DaemonSet DaemonSet(Wanted w, string delay)
    {
        var template = Template(w, delay);
        return new()
        {
            Metadata = Meta(w),
            Spec = new()
            {
                Selector = Selector(w),
                Template = w.OtherFlag ? template with { Spec = template.Spec with { NodeSelector = new Dictionary<string, string> { ["role"] = "x" } } } : template,
            },
        };
    }

    public static Job Job(Wanted w, string delay, bool indexed, int parallelism) => new()
    {
        Metadata = Meta(w),
        Spec = new()
        {
            Completions = w.Count,
            Parallelism = parallelism,
            CompletionMode = indexed ? "Indexed" : "NonIndexed",
            BackoffLimit = w.OtherFlag ? 1 : 1_000, // pods that chaos deletes count as failed
            Suspend = w.Flag,
            TTLSecondsAfterFinished = w.IsShortLived ? 30 : null,
            Template = Template(w, delay, "Never"),
        },
    };

    public static CronJob CronJob(Wanted w, string delay, string policy) => new()
    {
        Metadata = Meta(w),
        Spec = new()
        {
            Schedule = "*/2 * * * *",
            Suspend = w.Flag,
            ConcurrencyPolicy = policy,
            SuccessfulJobsHistoryLimit = w.Count,
            JobTemplate = new() { Metadata = new() { Labels = Labels(w.App) }, Spec = new() { BackoffLimit = 1_000, Template = Template(w, delay, "Never") } },
        },
    };

    public static Service Service(Wanted w, bool headless) => new()
    {
        Metadata = Meta(w),
        Spec = new() { ClusterIP = headless ? "None" : "", Selector = Labels(w.App), Ports = [new() { Port = 80, TargetPort = 8080 }] },
    };

    public static PodDisruptionBudget Budget(Wanted w) => new()
    {
        Metadata = Meta(w),
        Spec = new() { Selector = new() { MatchLabels = Labels(w.App) }, MinAvailable = w.OtherFlag ? null : w.Count, MaxUnavailable = w.OtherFlag ? w.Count : null },
    };

    /// <summary>What a person, or a provisioner, makes for a claim that waits.</summary>
    public static PersistentVolume Volume(PersistentVolumeClaim claim) => new()
    {
        Metadata = new() { Name = "pv-" + claim.Metadata.Uid },
        Spec = new()
        {
            Capacity = Storage,
            AccessModes = ["ReadWriteOnce"],
            StorageClassName = Class,
            PersistentVolumeReclaimPolicy = "Retain",
            HostPath = new() { Path = "/data" },
            ClaimRef = new() { Kind = "PersistentVolumeClaim", APIVersion = "v1", Namespace = claim.Metadata.Namespace, Name = claim.Metadata.Name, Uid = claim.Metadata.Uid },
        },
    };

    public static Dictionary<string, string> Labels(string app) => new() { ["app"] = app };

    private static Dictionary<string, Quantity> Storage => new() { ["storage"] = Quantity.Parse("1Gi") };

    private static ObjectMeta Meta(Wanted w) => new() { Namespace = w.Namespace, Name = w.Name, Labels = Labels(w.App) };

    private static LabelSelector Selector(Wanted w) => new() { MatchLabels = Labels(w.App) };
}
