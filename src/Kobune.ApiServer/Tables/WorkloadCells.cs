using System.Globalization;
using Kobune.Api.Apps.V1;
using Kobune.Api.Autoscaling.V2;
using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Policy.V1;

namespace Kobune.ApiServer.Tables;

/// <summary>Cells of the workload groups: apps, batch, autoscaling, policy.</summary>
internal static class WorkloadCells
{
    public static object?[] Deployment(Deployment item, DateTimeOffset now) =>
    [
        item.Metadata.Name,
        $"{item.Status.ReadyReplicas}/{item.Spec.Replicas ?? 0}",
        item.Status.UpdatedReplicas,
        item.Status.AvailableReplicas,
        HumanDuration.Since(item.Metadata.CreationTimestamp, now),
        CellText.Containers(item.Spec.Template.Spec),
        CellText.Images(item.Spec.Template.Spec),
        CellText.Selector(item.Spec.Selector, "<invalid>"),
    ];

    public static object?[] ReplicaSet(ReplicaSet item, DateTimeOffset now) =>
    [
        item.Metadata.Name,
        item.Spec.Replicas ?? 0,
        item.Status.Replicas,
        item.Status.ReadyReplicas,
        HumanDuration.Since(item.Metadata.CreationTimestamp, now),
        CellText.Containers(item.Spec.Template.Spec),
        CellText.Images(item.Spec.Template.Spec),
        CellText.Selector(item.Spec.Selector),
    ];

    public static object?[] StatefulSet(StatefulSet item, DateTimeOffset now) =>
    [
        item.Metadata.Name,
        $"{item.Status.ReadyReplicas}/{item.Spec.Replicas ?? 0}",
        HumanDuration.Since(item.Metadata.CreationTimestamp, now),
        CellText.Containers(item.Spec.Template.Spec),
        CellText.Images(item.Spec.Template.Spec),
    ];

    public static object?[] DaemonSet(DaemonSet item, DateTimeOffset now) =>
    [
        item.Metadata.Name,
        item.Status.DesiredNumberScheduled,
        item.Status.CurrentNumberScheduled,
        item.Status.NumberReady,
        item.Status.UpdatedNumberScheduled,
        item.Status.NumberAvailable,
        CellText.Labels(item.Spec.Template.Spec.NodeSelector),
        HumanDuration.Since(item.Metadata.CreationTimestamp, now),
        CellText.Containers(item.Spec.Template.Spec),
        CellText.Images(item.Spec.Template.Spec),
        CellText.Selector(item.Spec.Selector),
    ];

    public static object?[] ControllerRevision(ControllerRevision item, DateTimeOffset now)
    {
        var owner = item.Metadata.OwnerReferences.FirstOrDefault(o => o.Controller == true);
        var group = owner is not null && owner.APIVersion.Contains('/') ? "." + owner.APIVersion[..owner.APIVersion.IndexOf('/')] : "";
        return
        [
            item.Metadata.Name,
            owner is null ? CellText.None : $"{owner.Kind.ToLowerInvariant()}{group}/{owner.Name}",
            item.Revision,
            HumanDuration.Since(item.Metadata.CreationTimestamp, now),
        ];
    }

    public static object?[] Job(Job item, DateTimeOffset now)
    {
        var duration = item.Status.StartTime is { } start ? HumanDuration.Format((item.Status.CompletionTime ?? now) - start) : "";
        return
        [
            item.Metadata.Name,
            JobStatus(item),
            Completions(item),
            duration,
            HumanDuration.Since(item.Metadata.CreationTimestamp, now),
            CellText.Containers(item.Spec.Template.Spec),
            CellText.Images(item.Spec.Template.Spec),
            CellText.Selector(item.Spec.Selector),
        ];
    }

    public static object?[] CronJob(CronJob item, DateTimeOffset now) =>
    [
        item.Metadata.Name,
        item.Spec.Schedule,
        CellText.Or(item.Spec.TimeZone, CellText.None),
        item.Spec.Suspend is { } suspended ? suspended ? "True" : "False" : CellText.Unset,
        item.Status.Active.Count,
        item.Status.LastScheduleTime is { } last ? HumanDuration.Since(last, now) : CellText.None,
        HumanDuration.Since(item.Metadata.CreationTimestamp, now),
        CellText.Containers(item.Spec.JobTemplate.Spec.Template.Spec),
        CellText.Images(item.Spec.JobTemplate.Spec.Template.Spec),
        CellText.Selector(item.Spec.JobTemplate.Spec.Selector),
    ];

    public static object?[] PodDisruptionBudget(PodDisruptionBudget item, DateTimeOffset now) =>
    [
        item.Metadata.Name,
        item.Spec.MinAvailable?.ToString() ?? "N/A",
        item.Spec.MaxUnavailable?.ToString() ?? "N/A",
        item.Status.DisruptionsAllowed,
        HumanDuration.Since(item.Metadata.CreationTimestamp, now),
    ];

    public static object?[] HorizontalPodAutoscaler(HorizontalPodAutoscaler item, DateTimeOffset now) =>
    [
        item.Metadata.Name,
        $"{item.Spec.ScaleTargetRef.Kind}/{item.Spec.ScaleTargetRef.Name}",
        Targets(item),
        item.Spec.MinReplicas is { } least ? CellText.Number(least) : CellText.Unset,
        item.Spec.MaxReplicas,
        item.Status.CurrentReplicas,
        HumanDuration.Since(item.Metadata.CreationTimestamp, now),
    ];

    public static object?[] PodTemplate(PodTemplate item, DateTimeOffset now) =>
    [
        item.Metadata.Name,
        CellText.Containers(item.Template.Spec),
        CellText.Images(item.Template.Spec),
        CellText.Labels(item.Template.Metadata.Labels),
    ];

    private static string JobStatus(Job item)
    {
        bool Has(string type) => item.Status.Conditions.Any(c => c.Type == type && c.Status == "True");
        return Has("Complete") ? "Complete"
            : Has("Failed") ? "Failed"
            : item.Metadata.DeletionTimestamp is not null ? "Terminating"
            : Has("Suspended") ? "Suspended"
            : Has("FailureTarget") ? "FailureTarget"
            : Has("SuccessCriteriaMet") ? "SuccessCriteriaMet"
            : "Running";
    }

    private static string Completions(Job item) => (item.Spec.Completions, item.Spec.Parallelism ?? 0) switch
    {
        ({ } completions, _) => $"{item.Status.Succeeded}/{completions}",
        (null, > 1 and var parallelism) => $"{item.Status.Succeeded}/1 of {parallelism}",
        _ => $"{item.Status.Succeeded}/1",
    };

    private static string Targets(HorizontalPodAutoscaler item)
    {
        if (item.Spec.Metrics.Count == 0)
        {
            return CellText.None;
        }

        var all = item.Spec.Metrics.Select((metric, i) => Target(metric, i < item.Status.CurrentMetrics.Count ? item.Status.CurrentMetrics[i] : null)).ToList();
        return all.Count <= 2 ? CellText.Join(all, ", ") : $"{CellText.Join(all.Take(2), ", ")} + {all.Count - 2} more...";
    }

    private static string Target(MetricSpec spec, MetricStatus? status) => spec.Type switch
    {
        "Resource" when spec.Resource is { } resource => Utilization(resource.Name, resource.Target, status?.Resource?.Current),
        "ContainerResource" when spec.ContainerResource is { } resource => Utilization(resource.Name, resource.Target, status?.ContainerResource?.Current),
        "Pods" when spec.Pods is { } pods => $"{status?.Pods?.Current.AverageValue?.ToString() ?? CellText.Unknown}/{pods.Target.AverageValue}",
        "External" when spec.External is { } external => Value(external.Target, status?.External?.Current),
        "Object" when spec.Object is { } other => Value(other.Target, status?.Object?.Current),
        _ => "<unknown type>",
    };

    private static string Value(MetricTarget target, MetricValueStatus? current) => target.AverageValue is { } average
        ? $"{current?.AverageValue?.ToString() ?? CellText.Unknown}/{average} (avg)"
        : $"{current?.Value?.ToString() ?? CellText.Unknown}/{target.Value}";

    private static string Utilization(string name, MetricTarget target, MetricValueStatus? current)
    {
        if (target.AverageValue is { } average)
        {
            return $"{name}: {current?.AverageValue?.ToString() ?? CellText.Unknown}/{average}";
        }

        var have = current?.AverageUtilization is { } used ? used.ToString(CultureInfo.InvariantCulture) + "%" : CellText.Unknown;
        var want = target.AverageUtilization is { } percent ? percent.ToString(CultureInfo.InvariantCulture) + "%" : "<auto>";
        return $"{name}: {have}/{want}";
    }
}
