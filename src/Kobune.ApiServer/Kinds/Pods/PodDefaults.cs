using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.Api.Quotas;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>Defaults of a pod's spec, for pods and for the templates of workloads (upstream's pkg/apis/core/v1/defaults.go).</summary>
internal static class PodDefaults
{
    private static readonly string[] ContainerLists = ["initContainers", "containers", "ephemeralContainers"];

    /// <summary>What pods and templates share.</summary>
    public static void ApplyToSpec(JsonObject spec)
    {
        spec.DefaultEmpty("dnsPolicy", "ClusterFirst");
        spec.DefaultEmpty("restartPolicy", "Always");
        spec.Need("securityContext");
        spec.Default("terminationGracePeriodSeconds", 30);
        spec.DefaultEmpty("schedulerName", "default-scheduler");
        MirrorServiceAccount(spec);
        foreach (var volume in spec.Items("volumes"))
        {
            ApplyToVolume(volume);
        }

        foreach (var container in ContainerLists.SelectMany(l => spec.Items(l)))
        {
            ContainerDefaults.Apply(container);
        }

        if (spec.Flag("hostNetwork") == true)
        {
            foreach (var port in ContainerLists[..2].SelectMany(l => spec.Items(l)).SelectMany(c => c.Items("ports")))
            {
                if ((port.Number("hostPort") ?? 0) == 0)
                {
                    port.CopyFrom("hostPort", new JsonObject { ["hostPort"] = port["containerPort"]?.DeepClone() });
                }
            }
        }

        foreach (var constraint in spec.Items("topologySpreadConstraints"))
        {
            constraint.Default("nodeAffinityPolicy", "Honor");
            constraint.Default("nodeTaintsPolicy", "Ignore");
        }
    }

    /// <summary>The one address of a pod is the first of all; when they differ, it counts alone (upstream's conversion of the status).</summary>
    private static void MirrorAddress(JsonObject? status)
    {
        var first = status.Items("podIPs").FirstOrDefault().Text("ip");
        if (status.Text("podIP") is { Length: > 0 } one && one != first)
        {
            status!["podIPs"] = new JsonArray(new JsonObject { ["ip"] = one });
        }
        else if (first.Length > 0)
        {
            status!["podIP"] = first;
        }
    }

    /// <summary>What only pods have: requests that follow limits, service links.</summary>
    public static void ApplyToPod(JsonObject pod)
    {
        var spec = pod.Need("spec");
        ApplyToSpec(spec);
        MirrorAddress(pod.Child("status"));
        spec.Default("enableServiceLinks", true);
        foreach (var container in ContainerLists[..2].SelectMany(l => spec.Items(l)))
        {
            RequestsFromLimits(container);
        }

        WholeRequests(spec);
    }

    // A pod that says its limits asks as a whole for what its containers ask for together, else for its limits (upstream's setDefaultPodRequests).
    private static void WholeRequests(JsonObject spec)
    {
        if (spec.Child("resources", "limits") is not { Count: > 0 } limits || !spec.TryRead<PodSpec>(out var pod))
        {
            return;
        }

        var requests = spec.Need("resources").Need("requests");
        foreach (var (name, value) in PodTotals.Requests(pod with { Resources = null }).Where(r => r.Key is "cpu" or "memory"))
        {
            requests.Default(name, value.ToString());
        }

        foreach (var (name, value) in limits.Where(l => l.Key is "cpu" or "memory" || ResourceNames.IsHugePages(l.Key)))
        {
            if (!requests.Has(name) && value is not null)
            {
                requests[name] = value.DeepClone();
            }
        }
    }

    // The deprecated alias and the real field always say the same.
    private static void MirrorServiceAccount(JsonObject spec)
    {
        var name = spec.Text("serviceAccountName") is { Length: > 0 } given ? given : spec.Text("serviceAccount");
        if (name.Length > 0)
        {
            spec["serviceAccountName"] = name;
            spec["serviceAccount"] = name;
        }
    }

    private static void RequestsFromLimits(JsonObject container)
    {
        if (container.Child("resources", "limits") is not { Count: > 0 } limits)
        {
            return;
        }

        var requests = container.Need("resources").Need("requests");
        foreach (var (name, value) in limits)
        {
            if (!requests.Has(name) && value is not null)
            {
                requests[name] = value.DeepClone();
            }
        }
    }

    private static void ApplyToVolume(JsonObject volume)
    {
        if (volume.All(field => field.Key == "name" || field.Value is null))
        {
            volume["emptyDir"] = new JsonObject();
        }

        volume.Child("secret")?.Default("defaultMode", 420);
        volume.Child("configMap")?.Default("defaultMode", 420);
        volume.Child("hostPath")?.Default("type", "");
        ApplyToDownwardApi(volume.Child("downwardAPI"), hasMode: true);
        if (volume.Child("projected") is { } projected)
        {
            projected.Default("defaultMode", 420);
            foreach (var source in projected.Items("sources"))
            {
                source.Child("serviceAccountToken")?.Default("expirationSeconds", 3600);
                ApplyToDownwardApi(source.Child("downwardAPI"), hasMode: false);
            }
        }

        if (volume.Child("image") is { } image)
        {
            image.DefaultEmpty("pullPolicy", ContainerDefaults.PullPolicyOf(image.Text("reference")));
        }

        if (volume.Child("ephemeral", "volumeClaimTemplate") is { } template)
        {
            template.Need("spec").Default("volumeMode", "Filesystem");
        }

        if (volume.Child("iscsi") is { } iscsi)
        {
            iscsi.DefaultEmpty("iscsiInterface", "default");
        }
    }

    private static void ApplyToDownwardApi(JsonObject? source, bool hasMode)
    {
        if (source is null)
        {
            return;
        }

        if (hasMode)
        {
            source.Default("defaultMode", 420);
        }

        foreach (var item in source.Items("items"))
        {
            item.Child("fieldRef")?.DefaultEmpty("apiVersion", "v1");
        }
    }
}
