using Kobune.Api.Discovery.V1;

namespace Kobune.ControllerManager.EndpointSlices.Topology;

/// <summary>
/// Hints in proportion to the zones' CPUs (topology mode Auto): each ready endpoint is meant for its own zone, and zones that have too many give some
/// to those that have too few. Slices that need no change are left alone while their hints can stay. Source: k8s.io/endpointslice/topologycache, AddHints.
/// </summary>
internal sealed class ZoneHintPlan
{
    private readonly SortedDictionary<string, ZoneAllocation> _zones;
    private readonly Dictionary<string, int> _given = new(StringComparer.Ordinal);

    private ZoneHintPlan(SortedDictionary<string, ZoneAllocation> zones) => _zones = zones;

    /// <summary>Hints for the endpoints of one address type.</summary>
    /// <param name="changing">The endpoints of each slice that is made or written anyway.</param>
    /// <param name="unchanged">Those of each slice that would stay as it is.</param>
    /// <param name="shares">See <see cref="ZoneShares"/>.</param>
    /// <returns>The same lists with hints, and why there are none if so.</returns>
    public static ZoneHints Compute(
        IReadOnlyList<IReadOnlyList<Endpoint>> changing, IReadOnlyList<IReadOnlyList<Endpoint>> unchanged, SortedDictionary<string, double>? shares)
    {
        var (zones, problem) = ZoneAllocation.Of(shares, changing.Concat(unchanged).Sum(s => s.Count(IsReady)));
        var plan = new ZoneHintPlan(zones);
        var kept = unchanged.Select(s => problem is null && plan.Keep(s)).ToList();
        var open = changing.Concat(unchanged.Where((_, i) => !kept[i])).ToList();
        if (open.Exists(s => s.Any(e => IsReady(e) && e.Zone is null or "")))
        {
            problem ??= "One or more endpoints do not have a zone specified";
        }

        if (problem is not null)
        {
            return new([.. changing.Select(Bare)], [.. unchanged.Select(Bare)], problem);
        }

        var hinted = new Queue<IReadOnlyList<Endpoint>>(plan.Share(open));
        return new([.. changing.Select(_ => hinted.Dequeue())], [.. unchanged.Select((s, i) => kept[i] ? s : hinted.Dequeue())], null);
    }

    private static bool IsReady(Endpoint endpoint) => endpoint.Conditions.Ready is true;

    private static IReadOnlyList<Endpoint> Bare(IReadOnlyList<Endpoint> slice) => [.. slice.Select(e => e with { Hints = null })];

    private static EndpointHints For(string zone) => new() { ForZones = [new ForZone { Name = zone }] };

    /// <summary>Whether a slice's hints can stay: every ready endpoint has some, for zones that there are, and none gets more than it may have.</summary>
    private bool Keep(IReadOnlyList<Endpoint> slice)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var endpoint in slice.Where(IsReady))
        {
            if (endpoint.Hints is not { ForZones: { Count: > 0 } zones })
            {
                return false;
            }

            foreach (var zone in zones)
            {
                counts[zone.Name] = counts.GetValueOrDefault(zone.Name) + 1;
            }
        }

        if (counts.Any(c => !_zones.TryGetValue(c.Key, out var zone) || c.Value + _given.GetValueOrDefault(c.Key) > zone.Maximum))
        {
            return false;
        }

        foreach (var (zone, count) in counts)
        {
            Give(zone, count);
        }

        return true;
    }

    private List<IReadOnlyList<Endpoint>> Share(List<IReadOnlyList<Endpoint>> slices)
    {
        foreach (var endpoint in slices.SelectMany(s => s).Where(IsReady))
        {
            Give(endpoint.Zone!, 1);
        }

        var (giving, receiving) = Moves();
        return [.. slices.Select(slice => (IReadOnlyList<Endpoint>)[.. slice.Select(e => e with { Hints = !IsReady(e) ? null : For(Take(e.Zone!, giving, receiving)) })])];
    }

    /// <summary>The zone that an endpoint is meant for: its own, or one that needs it more.</summary>
    private static string Take(string own, Dictionary<string, int> giving, SortedDictionary<string, int> receiving)
    {
        if (giving.GetValueOrDefault(own) == 0 || receiving.Count == 0)
        {
            return own;
        }

        giving[own]--;
        var zone = receiving.Keys.First();
        if (--receiving[zone] == 0)
        {
            receiving.Remove(zone);
        }

        return zone;
    }

    private void Give(string zone, int count) => _given[zone] = _given.GetValueOrDefault(zone) + count;

    /// <summary>
    /// How many endpoints zones give and get. Most first, one by one, while one side lacks a whole endpoint and both at least half of one
    /// (getGivingAndReceivingZones in utils.go).
    /// </summary>
    private (Dictionary<string, int> Giving, SortedDictionary<string, int> Receiving) Moves()
    {
        var surplus = _zones.ToDictionary(z => z.Key, z => _given.GetValueOrDefault(z.Key) - z.Value.Desired);
        var (giving, receiving) = (new Dictionary<string, int>(StringComparer.Ordinal), new SortedDictionary<string, int>(StringComparer.Ordinal));
        while (true)
        {
            var (giver, most) = surplus.MaxBy(s => s.Value);
            var (receiver, least) = surplus.MinBy(s => s.Value);
            if (most < 0.5 || -least < 0.5 || (most < 1 && -least < 1))
            {
                return (giving, receiving);
            }

            giving[giver] = giving.GetValueOrDefault(giver) + 1;
            receiving[receiver] = receiving.GetValueOrDefault(receiver) + 1;
            surplus[giver]--;
            surplus[receiver]++;
        }
    }
}
