using System.Globalization;
using Kobune.Api.ApiRegistration.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;

namespace Kobune.ApiServer.Aggregation;

/// <summary>What the objects alone say about an aggregated API, before anybody asks its server. Upstream's order and words.</summary>
internal static class ReachabilityPlan
{
    /// <summary>Why it cannot be reached; null when it is worth asking.</summary>
    public static APIServiceCondition? Compute(AggregatedApi api, Service? service, IReadOnlyList<EndpointSlice> slices)
    {
        var where = $"service/{api.Service.Name} in \"{api.Service.Namespace}\"";
        if (service is null)
        {
            return ApiServiceConditions.Refused("ServiceNotFound", $"{where} is not present");
        }

        if (service.Spec.Type is not ("ClusterIP" or ""))
        {
            return null;
        }

        if (service.Spec.Ports.FirstOrDefault(p => p.Port == api.Port) is not { } port)
        {
            return ApiServiceConditions.Refused("ServicePortError", string.Create(CultureInfo.InvariantCulture, $"{where} is not listening on port {api.Port}"));
        }

        if (slices.Count == 0)
        {
            return ApiServiceConditions.Refused("EndpointsNotFound", $"cannot find endpointslices for {where}");
        }

        return slices.Any(s => s.Ports.Any(p => (p.Name ?? "") == port.Name) && s.Endpoints.Any(e => e.Conditions.Ready != false && e.Addresses.Count > 0))
            ? null
            : ApiServiceConditions.Refused("MissingEndpoints", $"endpointslices for {where} have no addresses with port name \"{port.Name}\"");
    }
}
