using System.Globalization;
using Kobune.Api.AdmissionRegistration.V1;
using Kobune.Api.ApiRegistration.V1;
using Kobune.Api.Certificates.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Api.FlowControl.V1;
using Kobune.Api.Networking.V1;
using Kobune.Api.Rbac.V1;
using Kobune.Api.Resource.V1;
using Kobune.Api.Storage.V1;

namespace Kobune.ApiServer.Tables;

/// <summary>Cells of the remaining groups.</summary>
internal static class OtherCells
{
    public static object?[] EndpointSlice(EndpointSlice item, DateTimeOffset now)
    {
        var ports = item.Ports.Select(p => p.Port is { } number ? CellText.Number(number) : CellText.Or(p.Name, "*")).ToList();
        var addresses = item.Endpoints.SelectMany(e => e.Addresses).ToList();
        return
        [
            item.Metadata.Name,
            item.AddressType,
            CellText.Few(ports, 3, CellText.Unset),
            CellText.Few(addresses, 3, CellText.Unset),
            HumanDuration.Since(item.Metadata.CreationTimestamp, now),
        ];
    }

    public static object?[] Ingress(Ingress item, DateTimeOffset now)
    {
        var hosts = item.Spec.Rules.Select(r => r.Host.Length == 0 ? "*" : r.Host).ToList();
        var addresses = item.Status.LoadBalancer.Ingress.Select(i => i.IP.Length > 0 ? i.IP : i.Hostname).Distinct().Order(StringComparer.Ordinal);
        return
        [
            item.Metadata.Name,
            CellText.Or(item.Spec.IngressClassName, CellText.None),
            CellText.Few(hosts, 3, "*"),
            CellText.Join(addresses),
            item.Spec.TLS.Count > 0 ? "80, 443" : "80",
            HumanDuration.Since(item.Metadata.CreationTimestamp, now),
        ];
    }

    public static object?[] IngressClass(IngressClass item, DateTimeOffset now)
    {
        var parameters = item.Spec.Parameters is { } p
            ? (string.IsNullOrEmpty(p.APIGroup) ? p.Kind : $"{p.Kind}.{p.APIGroup}") + "/" + p.Name
            : CellText.None;
        return [Default(item.Metadata, "ingressclass.kubernetes.io/is-default-class"), item.Spec.Controller, parameters, HumanDuration.Since(item.Metadata.CreationTimestamp, now)];
    }

    public static object?[] IPAddress(IPAddress item, DateTimeOffset now)
    {
        var parent = CellText.None;
        if (item.Spec.ParentRef is { } p)
        {
            var resource = p.Group.Length == 0 ? p.Resource : $"{p.Resource}.{p.Group}";
            parent = $"{resource.ToLowerInvariant()}/{(p.Namespace.Length == 0 ? "" : p.Namespace + "/")}{p.Name}";
        }

        return [item.Metadata.Name, parent, HumanDuration.Since(item.Metadata.CreationTimestamp, now)];
    }

    public static object?[] StorageClass(StorageClass item, DateTimeOffset now) =>
    [
        Default(item.Metadata, "storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"),
        item.Provisioner,
        item.ReclaimPolicy ?? "Delete",
        item.VolumeBindingMode ?? "Immediate",
        item.AllowVolumeExpansion ?? false,
        HumanDuration.Since(item.Metadata.CreationTimestamp, now),
    ];

    public static object?[] CSIDriver(CSIDriver item, DateTimeOffset now) =>
    [
        item.Metadata.Name,
        item.Spec.AttachRequired ?? true,
        item.Spec.PodInfoOnMount ?? false,
        item.Spec.StorageCapacity ?? false,
        item.Spec.TokenRequests.Count == 0 ? CellText.Unset : CellText.Join(item.Spec.TokenRequests.Select(t => t.Audience)),
        item.Spec.RequiresRepublish ?? false,
        item.Spec.VolumeLifecycleModes.Count == 0 ? CellText.None : CellText.Join(item.Spec.VolumeLifecycleModes),
        HumanDuration.Since(item.Metadata.CreationTimestamp, now),
    ];

    public static object?[] VolumeAttachment(VolumeAttachment item, DateTimeOffset now) =>
    [
        item.Metadata.Name,
        item.Spec.Attacher,
        item.Spec.Source.PersistentVolumeName ?? "",
        item.Spec.NodeName,
        item.Status.Attached,
        HumanDuration.Since(item.Metadata.CreationTimestamp, now),
    ];

    public static object?[] RoleBinding(Api.Meta.V1.ObjectMeta metadata, RoleRef role, IReadOnlyList<Api.Rbac.V1.Subject> subjects, DateTimeOffset now)
    {
        string Subjects(string kind) => CellText.Join(subjects.Where(s => s.Kind == kind).Select(s => kind == "ServiceAccount" ? $"{s.Namespace}/{s.Name}" : s.Name), ", ");
        return
        [
            metadata.Name,
            $"{role.Kind}/{role.Name}",
            HumanDuration.Since(metadata.CreationTimestamp, now),
            Subjects("User"),
            Subjects("Group"),
            Subjects("ServiceAccount"),
        ];
    }

    public static object?[] APIService(APIService item, DateTimeOffset now)
    {
        var available = item.Status.Conditions.FirstOrDefault(c => c.Type == "Available");
        return
        [
            item.Metadata.Name,
            item.Spec.Service is { } service ? $"{service.Namespace}/{service.Name}" : "Local",
            available is null ? "Unknown" : available.Status == "True" ? "True" : $"{available.Status} ({available.Reason})",
            HumanDuration.Since(item.Metadata.CreationTimestamp, now),
        ];
    }

    public static object?[] CertificateSigningRequest(CertificateSigningRequest item, DateTimeOffset now)
    {
        bool Has(string type) => item.Status.Conditions.Any(c => c.Type == type);
        var condition = Has("Denied") ? "Denied" : Has("Approved") ? "Approved" : "Pending";
        condition += Has("Failed") ? ",Failed" : "";
        condition += item.Status.Certificate.Length > 0 ? ",Issued" : "";
        return
        [
            item.Metadata.Name,
            HumanDuration.Since(item.Metadata.CreationTimestamp, now),
            CellText.Or(item.Spec.SignerName, CellText.None),
            item.Spec.Username,
            item.Spec.ExpirationSeconds is { } seconds ? HumanDuration.Format(TimeSpan.FromSeconds(seconds)) : CellText.None,
            condition,
        ];
    }

    public static object?[] FlowSchema(FlowSchema item, DateTimeOffset now) =>
    [
        item.Metadata.Name,
        item.Spec.PriorityLevelConfiguration.Name,
        CellText.Number(item.Spec.MatchingPrecedence),
        item.Spec.DistinguisherMethod?.Type ?? CellText.None,
        HumanDuration.Since(item.Metadata.CreationTimestamp, now),
        item.Status.Conditions.FirstOrDefault(c => c.Type == "Dangling")?.Status ?? "?",
    ];

    public static object?[] PriorityLevelConfiguration(PriorityLevelConfiguration item, DateTimeOffset now)
    {
        static object Show(int? number) => number is { } value ? value.ToString(CultureInfo.InvariantCulture) : CellText.None;
        var queuing = item.Spec.Limited?.LimitResponse.Queuing;
        return
        [
            item.Metadata.Name,
            item.Spec.Type,
            Show(item.Spec.Limited?.NominalConcurrencyShares),
            Show(queuing?.Queues),
            Show(queuing?.HandSize),
            Show(queuing?.QueueLengthLimit),
            HumanDuration.Since(item.Metadata.CreationTimestamp, now),
        ];
    }

    public static object?[] Policy(Api.Meta.V1.ObjectMeta metadata, int rules, ParamKind? kind, DateTimeOffset now) =>
        [metadata.Name, rules, kind is null ? CellText.Unset : $"{kind.APIVersion}/{kind.Kind}", HumanDuration.Since(metadata.CreationTimestamp, now)];

    public static object?[] PolicyBinding(Api.Meta.V1.ObjectMeta metadata, string policy, ParamRef? reference, DateTimeOffset now)
    {
        var parameter = reference switch
        {
            null => CellText.Unset,
            { Name.Length: > 0 } => $"{(reference.Namespace.Length == 0 ? "*" : reference.Namespace)}/{reference.Name}",
            { Selector: { } selector } => CellText.Selector(selector),
            _ => CellText.Unset,
        };
        return [metadata.Name, policy, parameter, HumanDuration.Since(metadata.CreationTimestamp, now)];
    }

    public static object?[] ResourceClaim(ResourceClaim item, DateTimeOffset now)
    {
        var states = new List<string>();
        if (item.Metadata.DeletionTimestamp is not null)
        {
            states.Add("deleted");
        }

        if (item.Status.Allocation is null)
        {
            if (states.Count == 0)
            {
                states.Add("pending");
            }
        }
        else
        {
            states.Add("allocated");
            if (item.Status.ReservedFor.Count > 0)
            {
                states.Add("reserved");
            }
        }

        return [item.Metadata.Name, CellText.Join(states), HumanDuration.Since(item.Metadata.CreationTimestamp, now)];
    }

    private static string Default(Api.Meta.V1.ObjectMeta metadata, params string[] annotations) =>
        annotations.Any(a => metadata.Annotations.TryGetValue(a, out var value) && value == "true") ? metadata.Name + " (default)" : metadata.Name;
}
