using Kobune.Api.Core.V1;

namespace Kobune.ApiServer.Kinds.Services;

/// <summary>What a good Service says in vain or in an old way (upstream's pkg/api/service/warnings.go).</summary>
internal static class ServiceWarnings
{
    public static IEnumerable<string> Of(Service service, int minor)
    {
        var spec = service.Spec;
        var isHeadless = spec is { Type: "ClusterIP", ClusterIP: "None" };
        var isExternalName = spec.Type == "ExternalName";
        return
        [
            .. Told(service.Metadata.Annotations.ContainsKey(ServiceValidation.TopologyHints), $"annotation {ServiceValidation.TopologyHints} is deprecated, please use {ServiceValidation.TopologyMode} instead"),
            .. spec.ClusterIPs.SelectMany((ip, i) => AddressWarnings.OfIP(ip, $"spec.clusterIPs[{i}]")),
            .. Told(isHeadless && spec.LoadBalancerIP.Length > 0, "spec.loadBalancerIP is ignored for headless services"),
            .. Told(isHeadless && spec.ExternalIPs.Count > 0, "spec.externalIPs is ignored for headless services"),
            .. Told(isHeadless && spec.SessionAffinity != "None", "spec.SessionAffinity is ignored for headless services"),
            .. spec.ExternalIPs.SelectMany((ip, i) => AddressWarnings.OfIP(ip, $"spec.externalIPs[{i}]")),
            .. Told(minor >= 36 && spec.ExternalIPs.Count > 0 && !isHeadless && !isExternalName, "spec.externalIPs is deprecated and may no longer be implemented in some clusters"),
            .. AddressWarnings.OfIP(spec.LoadBalancerIP, "spec.loadBalancerIP"),
            .. spec.LoadBalancerSourceRanges.SelectMany((range, i) => AddressWarnings.OfCidr(range, $"spec.loadBalancerSourceRanges[{i}]")),
            .. Told(isExternalName && spec.ExternalIPs.Count > 0, "spec.externalIPs is ignored when spec.type is \"ExternalName\""),
            .. Told(!isExternalName && spec.ExternalName.Length > 0, "spec.externalName is ignored when spec.type is not \"ExternalName\""),
            .. Told(minor >= 34 && spec.TrafficDistribution == "PreferClose", "spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\""),
        ];
    }

    private static string[] Told(bool isSo, string warning) => isSo ? [warning] : [];
}
