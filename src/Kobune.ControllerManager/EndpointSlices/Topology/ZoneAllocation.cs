namespace Kobune.ControllerManager.EndpointSlices.Topology;

/// <summary>How many endpoints a zone must have, may have, and should have.</summary>
internal readonly record struct ZoneAllocation(int Minimum, int Maximum, double Desired)
{
    /// <summary>No endpoint shall bear more than this beyond its fair part.</summary>
    private const double OverloadThreshold = 0.2;

    /// <summary>Allocations by zone, or why there can be none. Source: k8s.io/endpointslice/topologycache, getAllocations and event.go.</summary>
    public static (SortedDictionary<string, ZoneAllocation> Zones, string? Problem) Of(SortedDictionary<string, double>? shares, int endpoints)
    {
        var zones = new SortedDictionary<string, ZoneAllocation>(StringComparer.Ordinal);
        if (shares is null)
        {
            return (zones, "Insufficient Node information: allocatable CPU or zone not specified on one or more nodes");
        }

        if (shares.Count > endpoints)
        {
            return (zones, $"Insufficient number of endpoints ({endpoints} endpoints, {shares.Count} zones)");
        }

        foreach (var (zone, share) in shares)
        {
            var desired = share * endpoints;
            var minimum = (int)Math.Ceiling(desired * (1 / (1 + OverloadThreshold)));
            zones[zone] = new(minimum, 0, Math.Max(desired, minimum));
        }

        var spare = endpoints - zones.Values.Sum(z => z.Minimum);
        if (spare < 0)
        {
            return (zones, $"Unable to allocate minimum required endpoints to each zone without exceeding overload threshold ({endpoints} endpoints, {shares.Count} zones)");
        }

        foreach (var zone in shares.Keys)
        {
            zones[zone] = zones[zone] with { Maximum = zones[zone].Minimum + spare };
        }

        return (zones, null);
    }
}
