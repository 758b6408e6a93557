using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;

namespace Kobune.Testing.Tests;

/// <summary>Objects that several tests create.</summary>
internal static class Manifests
{
    public static PodTemplateSpec Template(string app, string restartPolicy = "Always", params (string Key, string Value)[] annotations) => new()
    {
        Metadata = new() { Labels = new Dictionary<string, string> { ["app"] = app }, Annotations = annotations.ToDictionary(a => "simulated.kobune/" + a.Key, a => a.Value) },
        Spec = new()
        {
            RestartPolicy = restartPolicy,
            Containers = [new() { Name = "c", Image = "i", Resources = new() { Requests = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("100m") } } }],
        },
    };

    public static Deployment Deployment(string name, int replicas, params (string Key, string Value)[] annotations) => new()
    {
        Metadata = new() { Name = name, Namespace = "default" },
        Spec = new() { Replicas = replicas, Selector = new() { MatchLabels = new Dictionary<string, string> { ["app"] = name } }, Template = Template(name, "Always", annotations) },
    };

    public static Job Job(string name, params (string Key, string Value)[] annotations) => new()
    {
        Metadata = new() { Name = name, Namespace = "default" },
        Spec = new() { Template = Template(name, "Never", annotations) },
    };

    public static CronJob CronJob(string name, string schedule) => new()
    {
        Metadata = new() { Name = name, Namespace = "default" },
        Spec = new() { Schedule = schedule, SuccessfulJobsHistoryLimit = 100, JobTemplate = new() { Spec = new() { Template = Template(name, "Never") } } },
    };
}
