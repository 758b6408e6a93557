using System.Net;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Registry;
using Kobune.Storage;

namespace Kobune.ApiServer.Allocation;

/// <summary>
/// Cluster IPs and node ports of Services, taken and given back in the Service's own transaction. An address is an IPAddress object, a port a bit in the
/// RangeAllocation. Source: k8s.io/kubernetes, registry/core/service/storage/alloc.go.
/// </summary>
internal sealed class ServiceAllocationStrategy(ClusterIPRange range, (int First, int Last) nodePorts, IStore store) : KindStrategy
{
    public override (string Group, string Resource) Resource => ("", "services");

    public override bool ChangesOnAllocate => true;

    /// <summary>An update that leaves out what was allocated keeps it (upstream's patchAllocatedValues).</summary>
    public override void PrepareForUpdate(StrategyContext context, JsonObject obj, JsonObject old, string subresource)
    {
        if (subresource.Length > 0 || obj["spec"] is not JsonObject spec || old["spec"] is not JsonObject before)
        {
            return;
        }

        if (NeedsClusterIP(spec) && NeedsClusterIP(before) && spec.TextAt("clusterIP").Length == 0 && !spec.TextsAt("clusterIPs").Any())
        {
            spec.TakeFrom("clusterIP", before);
            spec.TakeFrom("clusterIPs", before);
        }

        if (spec.TextAt("clusterIP").Length > 0 && !spec.TextsAt("clusterIPs").Any())
        {
            spec["clusterIPs"] = new JsonArray(spec.TextAt("clusterIP"));
        }

        foreach (var name in (ReadOnlySpan<string>)["ipFamilies", "ipFamilyPolicy"])
        {
            if (spec[name] is null && spec.TextAt("type") != "ExternalName")
            {
                spec.TakeFrom(name, before);
            }
        }

        if (NeedsNodePorts(spec) && NeedsNodePorts(before))
        {
            KeepNodePorts(spec, before);
        }

        if (spec.NumberAt("healthCheckNodePort") is null or 0 && NeedsHealthPort(spec))
        {
            spec.TakeFrom("healthCheckNodePort", before);
        }
    }

    public override async ValueTask AllocateAsync(StrategyContext context, JsonObject? obj, EncodedObject? old, AllocationPlan plan, CancellationToken ct)
    {
        var before = old?.Read<Service>();
        var spec = obj?["spec"] as JsonObject;
        Addresses(context, obj, spec, before, plan);
        var wanted = spec is not null && (NeedsNodePorts(spec) || NeedsHealthPort(spec));
        if (!wanted && (before is null || (before.Spec.Ports.All(p => p.NodePort == 0) && before.Spec.HealthCheckNodePort == 0)))
        {
            return;
        }

        var bitmap = await NodePortBitmap.ReadAsync(store, nodePorts, ct);
        Ports(bitmap, obj, spec, before);
        bitmap.AddTo(plan);
    }

    private static bool NeedsClusterIP(JsonObject spec) => spec.TextAt("type") is "" or "ClusterIP" or "NodePort" or "LoadBalancer";

    private static bool NeedsNodePorts(JsonObject spec) =>
        spec.TextAt("type") == "NodePort" || (spec.TextAt("type") == "LoadBalancer" && spec["allocateLoadBalancerNodePorts"]?.GetValue<bool>() != false);

    private static bool NeedsHealthPort(JsonObject spec) => spec.TextAt("type") == "LoadBalancer" && spec.TextAt("externalTrafficPolicy") == "Local";

    private static void KeepNodePorts(JsonObject spec, JsonObject before)
    {
        var known = (before["ports"] as JsonArray)?.OfType<JsonObject>().ToArray() ?? [];
        var used = (spec["ports"] as JsonArray)?.OfType<JsonObject>().Select(p => p.NumberAt("nodePort") ?? 0).ToHashSet() ?? [];
        foreach (var port in (spec["ports"] as JsonArray)?.OfType<JsonObject>() ?? [])
        {
            var same = known.FirstOrDefault(k => k.NumberAt("port") == port.NumberAt("port") && Protocol(k) == Protocol(port));
            if (port.NumberAt("nodePort") is null or 0 && same?.NumberAt("nodePort") is { } kept and > 0 && used.Add(kept))
            {
                port["nodePort"] = kept;
            }
        }
    }

    private static string Protocol(JsonObject port) => port.TextAt("protocol") is { Length: > 0 } protocol ? protocol : "TCP";

    private void Addresses(StrategyContext context, JsonObject? obj, JsonObject? spec, Service? before, AllocationPlan plan)
    {
        var held = before?.Spec.ClusterIPs.Where(ip => ip is not ("" or "None")).ToArray() ?? [];
        var wanted = spec is null || !NeedsClusterIP(spec) ? [] : Wanted(context, obj!, spec, held, plan);
        foreach (var ip in held.Except(wanted))
        {
            plan.Operations.Add(Operation.Delete(IPAddressObject.KeyOf(ip)));
        }

        if (spec is null)
        {
            return;
        }

        if (!NeedsClusterIP(spec))
        {
            foreach (var name in (ReadOnlySpan<string>)["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"])
            {
                spec.Remove(name);
            }
        }
    }

    private string[] Wanted(StrategyContext context, JsonObject obj, JsonObject spec, string[] held, AllocationPlan plan)
    {
        var asked = spec.TextAt("clusterIP") is { Length: > 0 } one ? one : spec.TextsAt("clusterIPs").FirstOrDefault("");
        var ip = asked == "None" ? "None" : held.Contains(asked) ? asked : Take(context, obj, asked, plan);
        spec["clusterIP"] = ip;
        spec["clusterIPs"] = new JsonArray(ip);
        if (spec["ipFamilies"] is not JsonArray { Count: > 0 })
        {
            spec["ipFamilies"] = new JsonArray("IPv4");
        }

        if (spec.TextAt("ipFamilyPolicy").Length == 0)
        {
            spec["ipFamilyPolicy"] = "SingleStack";
        }

        return ip == "None" ? [] : [ip];
    }

    private string Take(StrategyContext context, JsonObject obj, string asked, AllocationPlan plan)
    {
        var ip = asked;
        if (asked.Length == 0)
        {
            ip = range.Candidates(Random.Shared).Select(c => c.ToString()).FirstOrDefault(c => context.Objects.Find<Api.Networking.V1.IPAddress>("", c) is null)
                ?? throw StatusErrors.InternalError("failed to allocate a serviceIP: range is full");
        }
        else if (!IPAddress.TryParse(asked, out var address) || !range.Contains(address))
        {
            throw Refused(obj, $"failed to allocate IP {asked}: the provided IP ({asked}) is not in the valid range. The range of valid IPs is {range.Text}", asked);
        }
        else if (context.Objects.Find<Api.Networking.V1.IPAddress>("", asked) is not null)
        {
            throw Refused(obj, $"failed to allocate IP {asked}: provided IP is already allocated", asked);
        }

        plan.Compares.Add(new(IPAddressObject.KeyOf(ip), 0));
        plan.Operations.Add(Operation.Put(IPAddressObject.KeyOf(ip), IPAddressObject.Bytes(ip, obj, context.Time)));
        return ip;
    }

    private static void Ports(NodePortBitmap bitmap, JsonObject? obj, JsonObject? spec, Service? before)
    {
        var held = before?.Spec.Ports.Select(p => p.NodePort).Append(before.Spec.HealthCheckNodePort).Where(p => p > 0).ToHashSet() ?? [];
        var kept = new HashSet<int>();
        var errors = new FieldErrors();
        var ports = (spec?["ports"] as JsonArray)?.OfType<JsonObject>().ToArray() ?? [];
        if (spec is not null && NeedsNodePorts(spec))
        {
            // Those who ask for a port come first, so that none of them is given away.
            foreach (var (port, i) in ports.Select((p, i) => (p, i)).OrderByDescending(p => p.p.NumberAt("nodePort") ?? 0))
            {
                var number = (int)(port.NumberAt("nodePort") ?? 0);
                port["nodePort"] = number > 0 ? Ask(bitmap, number, held, kept, $"spec.ports[{i}].nodePort", errors) : Free(bitmap, kept);
            }
        }
        else
        {
            foreach (var port in ports)
            {
                port.Remove("nodePort");
            }
        }

        if (spec is not null && NeedsHealthPort(spec))
        {
            var number = (int)(spec.NumberAt("healthCheckNodePort") ?? 0);
            spec["healthCheckNodePort"] = number > 0 ? Ask(bitmap, number, held, kept, "spec.healthCheckNodePort", errors) : Free(bitmap, kept);
        }
        else
        {
            spec?.Remove("healthCheckNodePort");
        }

        if (errors.Items.Count > 0)
        {
            throw StatusErrors.Invalid("", "Service", obj!.Meta().TextAt("name"), errors);
        }

        foreach (var port in held.Except(kept))
        {
            bitmap.Set(port, false);
        }
    }

    private static int Ask(NodePortBitmap bitmap, int port, HashSet<int> held, HashSet<int> kept, string field, FieldErrors errors)
    {
        if (!bitmap.Contains(port))
        {
            errors.Invalid(field, port, $"provided port is not in the valid range. The range of valid ports is {bitmap.Range}");
        }
        else if (bitmap.IsUsed(port) && !held.Contains(port) && !kept.Contains(port))
        {
            errors.Invalid(field, port, "provided port is already allocated");
        }
        else
        {
            kept.Add(port); // the same number for TCP and UDP is one port
            bitmap.Set(port, true);
        }

        return port;
    }

    private static int Free(NodePortBitmap bitmap, HashSet<int> kept)
    {
        var port = bitmap.Take(Random.Shared) ?? throw StatusErrors.InternalError("failed to allocate a nodePort: range is full");
        kept.Add(port);
        return port;
    }

    private static StatusException Refused(JsonObject obj, string why, string ip)
    {
        var errors = new FieldErrors();
        errors.Add("FieldValueInvalid", "spec.clusterIPs", $"Invalid value: [\"{ip}\"]: {why}");
        return StatusErrors.Invalid("", "Service", obj.Meta().TextAt("name"), errors);
    }
}
