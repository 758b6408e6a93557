using k8s.Models;

namespace Operator;

/// <summary>What a web site consists of. Pure: the same site always gives the same objects.</summary>
public static class WebSiteObjects
{
    /// <summary>The label that the pods and the Service share.</summary>
    public const string Label = "samples.kobune.dev/website";

    public static V1Deployment Deployment(WebSite site) => new()
    {
        ApiVersion = "apps/v1",
        Kind = "Deployment",
        Metadata = Metadata(site),
        Spec = new()
        {
            Replicas = site.Spec.Replicas,
            Selector = new() { MatchLabels = Labels(site) },
            Template = new()
            {
                Metadata = new() { Labels = Labels(site) },
                Spec = new() { Containers = [new() { Name = "web", Image = site.Spec.Image, Ports = [new() { ContainerPort = 8080 }] }] },
            },
        },
    };

    public static V1Service Service(WebSite site) => new()
    {
        ApiVersion = "v1",
        Kind = "Service",
        Metadata = Metadata(site),
        Spec = new() { Selector = Labels(site), Ports = [new() { Port = 80, TargetPort = 8080 }] },
    };

    /// <summary>The condition that people and kubectl wait for. Its time changes only with its status.</summary>
    public static V1Condition Ready(WebSite site, int readyReplicas, DateTime now)
    {
        var isReady = readyReplicas >= site.Spec.Replicas;
        var status = isReady ? "True" : "False";
        var before = site.Status?.Conditions.FirstOrDefault(c => c.Type == "Ready");
        return new()
        {
            Type = "Ready",
            Status = status,
            Reason = isReady ? "AllReplicasReady" : "ReplicasMissing",
            Message = $"{readyReplicas} of {site.Spec.Replicas} replicas are ready",
            LastTransitionTime = before is not null && before.Status == status ? before.LastTransitionTime : now,
        };
    }

    // What the site owns goes with it: the cluster's garbage collector sees to that.
    private static V1ObjectMeta Metadata(WebSite site) => new()
    {
        Name = site.Metadata.Name,
        NamespaceProperty = site.Metadata.NamespaceProperty,
        Labels = Labels(site),
        OwnerReferences = [new() { ApiVersion = site.ApiVersion, Kind = site.Kind, Name = site.Metadata.Name, Uid = site.Metadata.Uid, Controller = true, BlockOwnerDeletion = true }],
    };

    private static Dictionary<string, string> Labels(WebSite site) => new() { [Label] = site.Metadata.Name };
}
