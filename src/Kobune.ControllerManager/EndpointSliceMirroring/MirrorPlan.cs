using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.ControllerManager.Endpoints;
using Kobune.ControllerManager.EndpointSlices;
using Kobune.ControllerManager.Pods;
using Legacy = Kobune.Api.Core.V1.Endpoints;
using SlicePort = Kobune.Api.Discovery.V1.EndpointPort;

namespace Kobune.ControllerManager.EndpointSliceMirroring;

/// <summary>Slices for Endpoints that a user keeps by hand. Source: pkg/controller/endpointslicemirroring.</summary>
internal static class MirrorPlan
{
    public const string Manager = "endpointslicemirroring-controller.k8s.io";
    private const string SkipLabel = "endpointslice.kubernetes.io/skip-mirror";
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";
    private const string LeaderAnnotation = "control-plane.alpha.kubernetes.io/leader";

    /// <summary>The most endpoints that one mirror has, --mirroring-max-endpoints-per-subset.</summary>
    public const int MaxPerSubset = 1000;

    /// <summary>Whether Endpoints are a user's own, of a Service without a selector.</summary>
    public static bool IsMirrored(Legacy endpoints, Service? service) =>
        service is not null
        && service.Spec.Selector.Count == 0
        && endpoints.Metadata.DeletionTimestamp is null
        && endpoints.Metadata.Labels.GetValueOrDefault(SkipLabel) is not ("1" or "t" or "T" or "true" or "TRUE" or "True") // Go's ways to say it
        && !endpoints.Metadata.Annotations.ContainsKey(LeaderAnnotation);

    public static EndpointSlicePlan Compute(Legacy endpoints, IReadOnlyDictionary<string, IReadOnlyList<EndpointGroup>> families, IReadOnlyList<EndpointSlice> existing)
    {
        var labels = SliceTemplate.Common(endpoints.Metadata.Labels, endpoints.Metadata.Name, Manager);
        var template = new SliceTemplate(endpoints.Metadata.Namespace, endpoints.Metadata.Name + "-", labels, PodFromTemplate.ControllerReference(endpoints), MaxPerSubset, Annotations(endpoints)) { IsSingle = true };
        return EndpointSlicePlan.Compute(template, families, existing, endpoints.Metadata.Annotations.GetValueOrDefault(ServicePods.TriggerAnnotation));
    }

    /// <summary>Those of the Endpoints, but for what belongs to them alone.</summary>
    private static Dictionary<string, string> Annotations(Legacy endpoints) =>
        endpoints.Metadata.Annotations.Where(a => a.Key is not (ServicePods.TriggerAnnotation or LastApplied)).ToDictionary();

    /// <summary>What Endpoints want, by address type.</summary>
    public static Dictionary<string, IReadOnlyList<EndpointGroup>> Families(Legacy endpoints)
    {
        var families = new Dictionary<string, IReadOnlyList<EndpointGroup>>();
        foreach (var v6 in new[] { false, true })
        {
            if (Groups(endpoints, v6) is { Count: > 0 } groups)
            {
                families[v6 ? IPFamily.IPv6 : IPFamily.IPv4] = groups;
            }
        }

        return families;
    }

    /// <summary>How many addresses are too many, and mirrored by nothing.</summary>
    public static int Skipped(Legacy endpoints) => endpoints.Subsets.Sum(s => Math.Max(0, s.Addresses.Count + s.NotReadyAddresses.Count - MaxPerSubset));

    /// <summary>One group a set of ports; an address of a pod stands once in it, as it was said last.</summary>
    private static List<EndpointGroup> Groups(Legacy endpoints, bool v6) =>
    [
        .. endpoints.Subsets
            .Select(s => new EndpointGroup(
                [.. s.Ports.Select(p => new SlicePort { Name = p.Name, Port = p.Port, Protocol = p.Protocol, AppProtocol = p.AppProtocol })],
                [.. s.Addresses.Select(a => Make(a, ready: true)).Concat(s.NotReadyAddresses.Select(a => Make(a, ready: false))).Take(MaxPerSubset).Where(e => ServicePods.IsIPv6(e.Addresses[0]) == v6)]))
            .Where(g => g.Endpoints.Count > 0)
            .GroupBy(g => DesiredEndpoints.Key(g.Ports))
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => new EndpointGroup(g.First().Ports, [.. g.SelectMany(x => x.Endpoints).GroupBy(e => (e.Addresses[0], e.TargetRef?.Namespace, e.TargetRef?.Name)).Select(e => e.Last()).Take(MaxPerSubset)])),
    ];

    private static Endpoint Make(EndpointAddress address, bool ready) => new()
    {
        Addresses = [address.IP],
        Conditions = new EndpointConditions { Ready = ready },
        Hostname = address.Hostname.Length > 0 ? address.Hostname : null,
        NodeName = address.NodeName,
        TargetRef = address.TargetRef,
    };
}
