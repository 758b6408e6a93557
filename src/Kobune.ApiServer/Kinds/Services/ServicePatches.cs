using System.Text.Json.Nodes;

namespace Kobune.ApiServer.Kinds.Services;

/// <summary>What an update that does not mention allocated values keeps (upstream's patchAllocatedValues).</summary>
internal static class ServicePatches
{
    public static void KeepAllocated(JsonObject spec, JsonObject before)
    {
        if (NeedsAddress(before) && NeedsAddress(spec))
        {
            KeepAddresses(spec, before);
        }

        FollowClusterIP(spec, before);
        if (NeedsNodePorts(before) && NeedsNodePorts(spec))
        {
            KeepNodePorts(spec, before);
        }

        if (NeedsHealthPort(before) && NeedsHealthPort(spec) && (spec.Number("healthCheckNodePort") ?? 0) == 0)
        {
            spec.CopyFrom("healthCheckNodePort", before);
        }
    }

    /// <summary>Brings clusterIPs in line with clusterIP where it is clear what was meant (upstream's normalizeClusterIPs).</summary>
    /// <param name="spec">The new Service's.</param>
    /// <param name="before">The old one's; null for a create.</param>
    public static void FollowClusterIP(JsonObject spec, JsonObject? before)
    {
        var (now, old) = (ServiceAddressing.Of(spec), before is null ? null : ServiceAddressing.Of(before));
        if (old is null)
        {
            if (now.ClusterIP.Length > 0 && now.ClusterIPs.Count == 0)
            {
                (now with { ClusterIPs = [now.ClusterIP] }).WriteTo(spec);
            }

            return;
        }

        if (now.ClusterIPs.Count == 0 && now.ClusterIP == old.ClusterIP)
        {
            now = now with { ClusterIPs = old.ClusterIPs };
        }
        else if (now.ClusterIP != old.ClusterIP && now.ClusterIPs.SequenceEqual(old.ClusterIPs))
        {
            now = now with { ClusterIPs = now.ClusterIP.Length == 0 ? [] : [now.ClusterIP] };
        }

        now.WriteTo(spec);
    }

    private static void KeepAddresses(JsonObject spec, JsonObject before)
    {
        if (spec.Text("clusterIP").Length == 0)
        {
            spec.CopyFrom("clusterIP", before);
        }

        if (spec.Array("clusterIPs") is null or { Count: 0 })
        {
            spec.CopyFrom("clusterIPs", before);
        }
    }

    private static bool NeedsAddress(JsonObject spec) => spec.Text("type") is "ClusterIP" or "NodePort" or "LoadBalancer";

    private static bool NeedsNodePorts(JsonObject spec) => spec.Text("type") is "NodePort" or "LoadBalancer";

    private static bool NeedsHealthPort(JsonObject spec) => spec.Text("type") == "LoadBalancer" && spec.Text("externalTrafficPolicy") == "Local";

    // By protocol and port: a port that is still there keeps its node port, unless another one asks for that number.
    private static void KeepNodePorts(JsonObject spec, JsonObject before)
    {
        var known = new Dictionary<(string, long), long>();
        foreach (var port in before.Items("ports").Where(p => p.Number("nodePort") > 0))
        {
            known[(port.Text("protocol"), port.Number("port") ?? 0)] = port.Number("nodePort")!.Value;
        }

        var used = spec.Items("ports").Select(p => p.Number("nodePort") ?? 0).Where(p => p != 0).ToHashSet();
        foreach (var port in spec.Items("ports").Where(p => (p.Number("nodePort") ?? 0) == 0))
        {
            if (known.TryGetValue((port.Text("protocol"), port.Number("port") ?? 0), out var kept) && used.Add(kept))
            {
                port["nodePort"] = kept;
            }
        }
    }
}
