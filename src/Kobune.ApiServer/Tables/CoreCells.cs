using Kobune.Api.Core.V1;
using Kobune.Api.Schema;

namespace Kobune.ApiServer.Tables;

/// <summary>Cells of the core group's kinds but pods (upstream: printers/internalversion).</summary>
internal static class CoreCells
{
    public static object?[] Node(Node node, DateTimeOffset now) =>
    [
        node.Metadata.Name,
        NodeStatus(node),
        NodeRoles(node),
        HumanDuration.Since(node.Metadata.CreationTimestamp, now),
        node.Status.NodeInfo.KubeletVersion,
        Address(node, "InternalIP"),
        Address(node, "ExternalIP"),
        CellText.Or(node.Status.NodeInfo.OSImage, CellText.Unknown),
        node.Status.NodeInfo.KernelVersion.Length == 0 ? CellText.Unknown : $"{node.Status.NodeInfo.KernelVersion} ({node.Status.NodeInfo.Architecture})",
        CellText.Or(node.Status.NodeInfo.ContainerRuntimeVersion, CellText.Unknown),
    ];

    public static object?[] Service(Service service, DateTimeOffset now) =>
    [
        service.Metadata.Name,
        service.Spec.Type,
        service.Spec.ClusterIPs is [{ Length: > 0 } ip, ..] ? ip : CellText.Or(service.Spec.ClusterIP, CellText.None),
        ExternalIP(service),
        service.Spec.Ports.Count == 0 ? CellText.None : CellText.Join(service.Spec.Ports.Select(p => p.NodePort == 0 ? $"{p.Port}/{p.Protocol}" : $"{p.Port}:{p.NodePort}/{p.Protocol}")),
        HumanDuration.Since(service.Metadata.CreationTimestamp, now),
        CellText.Labels(service.Spec.Selector),
    ];

    public static object?[] Endpoints(Endpoints endpoints, DateTimeOffset now)
    {
        var all = endpoints.Subsets
            .SelectMany(s => s.Ports.Count == 0
                ? s.Addresses.Select(a => a.IP)
                : s.Ports.SelectMany(p => s.Addresses.Select(a => HostPort.Join(a.IP, p.Port))))
            .ToList();
        return [endpoints.Metadata.Name, CellText.Few(all, 3, CellText.None), HumanDuration.Since(endpoints.Metadata.CreationTimestamp, now)];
    }

    public static object?[] Event(Event item, DateTimeOffset now)
    {
        var first = item.FirstTimestamp ?? item.EventTime;
        var firstSeen = HumanDuration.Since(first, now);
        var lastSeen = item.Series?.LastObservedTime is { } observed
            ? HumanDuration.Since(observed, now)
            : item.LastTimestamp is { } last ? HumanDuration.Since(last, now) : firstSeen;
        var component = item.Source.Component.Length > 0 ? item.Source.Component : item.ReportingController;
        var host = item.Source.Host.Length > 0 ? item.Source.Host : item.ReportingInstance;
        return
        [
            lastSeen,
            item.Type,
            item.Reason,
            $"{item.InvolvedObject.Kind.ToLowerInvariant()}/{item.InvolvedObject.Name}",
            item.InvolvedObject.FieldPath,
            host.Length == 0 ? component : $"{component}, {host}",
            item.Message.Trim(),
            firstSeen,
            item.Series is { Count: > 0 } series ? series.Count : Math.Max(item.Count, 1),
            item.Metadata.Name,
        ];
    }

    public static object?[] PersistentVolume(PersistentVolume volume, DateTimeOffset now) =>
    [
        volume.Metadata.Name,
        volume.Spec.Capacity.TryGetValue("storage", out var size) ? size.ToString() : "0",
        CellText.AccessModes(volume.Spec.AccessModes),
        volume.Spec.PersistentVolumeReclaimPolicy,
        volume.Metadata.DeletionTimestamp is null ? volume.Status.Phase : "Terminating",
        volume.Spec.ClaimRef is { } claim ? $"{claim.Namespace}/{claim.Name}" : "",
        volume.Metadata.Annotations.TryGetValue("volume.beta.kubernetes.io/storage-class", out var old) ? old : volume.Spec.StorageClassName,
        volume.Spec.VolumeAttributesClassName ?? CellText.Unset,
        volume.Status.Reason,
        HumanDuration.Since(volume.Metadata.CreationTimestamp, now),
        volume.Spec.VolumeMode ?? CellText.Unset,
    ];

    public static object?[] PersistentVolumeClaim(PersistentVolumeClaim claim, DateTimeOffset now)
    {
        var bound = claim.Spec.VolumeName.Length > 0;
        return
        [
            claim.Metadata.Name,
            claim.Metadata.DeletionTimestamp is null ? claim.Status.Phase : "Terminating",
            claim.Spec.VolumeName,
            bound && claim.Status.Capacity.TryGetValue("storage", out var size) ? size.ToString() : "",
            bound ? CellText.AccessModes(claim.Status.AccessModes) : "",
            claim.Metadata.Annotations.TryGetValue("volume.beta.kubernetes.io/storage-class", out var old) ? old : claim.Spec.StorageClassName ?? "",
            claim.Spec.VolumeAttributesClassName ?? CellText.Unset,
            HumanDuration.Since(claim.Metadata.CreationTimestamp, now),
            claim.Spec.VolumeMode ?? CellText.Unset,
        ];
    }

    public static object?[] ReplicationController(ReplicationController controller, DateTimeOffset now)
    {
        var template = controller.Spec.Template?.Spec ?? PodSpec.Empty;
        return
        [
            controller.Metadata.Name,
            controller.Spec.Replicas ?? 0,
            controller.Status.Replicas,
            controller.Status.ReadyReplicas,
            HumanDuration.Since(controller.Metadata.CreationTimestamp, now),
            CellText.Containers(template),
            CellText.Images(template),
            CellText.Labels(controller.Spec.Selector),
        ];
    }

    public static object?[] ResourceQuota(ResourceQuota quota, DateTimeOffset now)
    {
        string Used(bool limits) => CellText.Join(
            quota.Status.Hard.Where(h => h.Key.StartsWith("limits.", StringComparison.Ordinal) == limits).OrderBy(h => h.Key, StringComparer.Ordinal)
                .Select(h => $"{h.Key}: {(quota.Status.Used.TryGetValue(h.Key, out var used) ? used.ToString() : "0")}/{h.Value}"),
            ", ");
        return [quota.Metadata.Name, Used(limits: false), Used(limits: true), HumanDuration.Since(quota.Metadata.CreationTimestamp, now)];
    }

    private static string NodeStatus(Node node)
    {
        var ready = node.Status.Conditions.FirstOrDefault(c => c.Type == "Ready");
        var text = ready is null ? "Unknown" : ready.Status == "True" ? "Ready" : "NotReady";
        return node.Spec.Unschedulable ? text + ",SchedulingDisabled" : text;
    }

    private static string NodeRoles(Node node)
    {
        const string Prefix = "node-role.kubernetes.io/";
        var roles = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (key, value) in node.Metadata.Labels)
        {
            if (key.StartsWith(Prefix, StringComparison.Ordinal) && key.Length > Prefix.Length)
            {
                roles.Add(key[Prefix.Length..]);
            }
            else if (key == "kubernetes.io/role" && value.Length > 0)
            {
                roles.Add(value);
            }
        }

        return roles.Count == 0 ? CellText.None : CellText.Join(roles);
    }

    private static string Address(Node node, string type) =>
        CellText.Or(node.Status.Addresses.FirstOrDefault(a => a.Type == type)?.Address, CellText.None);

    private static string ExternalIP(Service service)
    {
        var external = service.Spec.ExternalIPs;
        switch (service.Spec.Type)
        {
            case "ClusterIP" or "NodePort":
                return external.Count == 0 ? CellText.None : CellText.Join(external);
            case "LoadBalancer":
                var given = service.Status.LoadBalancer.Ingress.Select(i => i.IP.Length > 0 ? i.IP : i.Hostname).Distinct().Order(StringComparer.Ordinal);
                var all = given.Concat(external).ToList();
                return all.Count == 0 ? "<pending>" : CellText.Join(all);
            case "ExternalName":
                return service.Spec.ExternalName;
            default:
                return CellText.Unknown;
        }
    }
}
