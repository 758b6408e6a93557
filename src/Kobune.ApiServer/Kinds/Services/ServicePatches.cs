using System.Text.Json.Nodes;

namespace Kobune.ApiServer.Kinds.Services;

/// <summary>What an update that does not mention allocated values keeps (upstream's patchAllocatedValues).</summary>
internal static class ServicePatches
{
    public static void KeepAllocated(JsonObject spec, JsonObject before)
    {
        var (hadAddress, needsAddress) = (NeedsAddress(before), NeedsAddress(spec));
        if (hadAddress && needsAddress)
        {
            Keep("clusterIP");
            if (spec.Array("clusterIPs") is null or { Count: 0 } && spec.Text("clusterIP") == before.Text("clusterIP"))
            {
                spec.CopyFrom("clusterIPs", before);
            }

            KeepWhenAbsent("ipFamilies");
            KeepWhenAbsent("ipFamilyPolicy");
        }

        if (NeedsNodePorts(before) && NeedsNodePorts(spec))
        {
            KeepNodePorts(spec, before);
        }

        if (NeedsHealthPort(before) && NeedsHealthPort(spec) && (spec.Number("healthCheckNodePort") ?? 0) == 0)
        {
            spec.CopyFrom("healthCheckNodePort", before);
        }

        void Keep(string key)
        {
            if (spec.Text(key).Length == 0)
            {
                spec.CopyFrom(key, before);
            }
        }

        void KeepWhenAbsent(string key)
        {
            if (!spec.Has(key))
            {
                spec.CopyFrom(key, before);
            }
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
