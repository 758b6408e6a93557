using Kobune.Api.Networking.V1;
using Kobune.ApiServer.Admission;

namespace Kobune.ApiServer.Allocation;

/// <summary>
/// The ranges that cluster IPs come from: those of all ServiceCIDRs that are ready, which may overlap. Until the default ServiceCIDR is there, and on releases without
/// the kind, the server's own. Source: k8s.io/kubernetes, registry/core/service/ipallocator/cidrallocator.go.
/// </summary>
internal sealed class ClusterIPRanges(IReadOnlyList<ClusterIPRange> configured, bool hasObjects)
{
    /// <summary>The ServiceCIDR that servers make of their own ranges.</summary>
    public const string Default = "kubernetes";

    private const string Ready = "Ready";

    /// <summary>The families that Services can have, the default one first.</summary>
    public IReadOnlyList<string> Families { get; } = [.. configured.Select(r => r.Family)];

    /// <summary>The ranges of a family from which may be allocated now, the default ones first.</summary>
    public IReadOnlyList<ClusterIPRange> Of(string family, IObjectReader objects)
    {
        IReadOnlyList<ServiceCIDR> known = hasObjects ? objects.List<ServiceCIDR>("") : [];
        var ranges = known.Where(IsOpen).OrderBy(c => c.Metadata.Name == Default ? 0 : 1).SelectMany(c => c.Spec.CIDRs).Distinct(StringComparer.Ordinal).Select(text => new ClusterIPRange(text));
        return [.. (known.Any(c => c.Metadata.Name == Default) ? ranges : configured.Concat(ranges)).Where(r => r.Family == family)];
    }

    /// <summary>One that says nothing of it counts as ready: the controller may not run.</summary>
    private static bool IsOpen(ServiceCIDR range) =>
        range.Metadata.DeletionTimestamp is null && range.Status.Conditions.FirstOrDefault(c => c.Type == Ready) is not { Status: not "True" };
}
