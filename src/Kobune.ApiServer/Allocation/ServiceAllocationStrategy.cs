using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Clocks;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Kinds.Services;
using Kobune.ApiServer.Registry;
using Kobune.Storage;

namespace Kobune.ApiServer.Allocation;

/// <summary>
/// Cluster IPs and node ports of Services, taken and given back in the Service's own transaction. An address is an IPAddress object, a port a bit in the
/// RangeAllocation. Source: k8s.io/kubernetes, registry/core/service/storage/alloc.go.
/// </summary>
internal sealed class ServiceAllocationStrategy(ClusterIPRanges ranges, (int First, int Last) nodePorts, IStore store) : KindStrategy
{
    private readonly ServiceFamilies _families = new(ranges.Families);

    public override (string Group, string Resource) Resource => ("", "services");

    public override bool ChangesOnAllocate => true;

    public override void PrepareForCreate(StrategyContext context, JsonObject obj) => Settle(obj, null);

    /// <summary>What an update leaves out has been taken from the old object by now.</summary>
    public override void PrepareForUpdate(StrategyContext context, JsonObject obj, JsonObject old, string subresource)
    {
        if (subresource.Length == 0)
        {
            Settle(obj, old["spec"] as JsonObject);
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
        bitmap.Dice = Dice.Of(context.Time);
        Ports(bitmap, obj, spec, before);
        bitmap.AddTo(plan);
    }

    private static bool NeedsClusterIP(JsonObject spec) => spec.TextAt("type") is "" or "ClusterIP" or "NodePort" or "LoadBalancer";

    private static bool NeedsNodePorts(JsonObject spec) =>
        spec.TextAt("type") == "NodePort" || (spec.TextAt("type") == "LoadBalancer" && spec["allocateLoadBalancerNodePorts"]?.GetValue<bool>() != false);

    private static bool NeedsHealthPort(JsonObject spec) => spec.TextAt("type") == "LoadBalancer" && spec.TextAt("externalTrafficPolicy") == "Local";

    private void Settle(JsonObject obj, JsonObject? before)
    {
        if (obj["spec"] is not JsonObject spec)
        {
            return;
        }

        var errors = new FieldErrors();
        var settled = _families.Settle(ServiceAddressing.Of(spec), before is null ? null : ServiceAddressing.Of(before), errors);
        if (errors.Items.Count > 0)
        {
            throw StatusErrors.Invalid("", "Service", obj.Meta().TextAt("name"), errors);
        }

        settled.WriteTo(spec);
    }

    private void Addresses(StrategyContext context, JsonObject? obj, JsonObject? spec, Service? before, AllocationPlan plan)
    {
        var held = before?.Spec.ClusterIPs.Where(ip => ip is not ("" or ServiceAddressing.None)).ToArray() ?? [];
        var wanted = spec is null || !NeedsClusterIP(spec) ? [] : Wanted(context, obj!, spec, held, plan);
        foreach (var ip in held.Except(wanted))
        {
            plan.Operations.Add(Operation.Delete(IPAddressObject.KeyOf(ip)));
        }
    }

    /// <summary>An address of each family: those that are held, those that are asked for, and free ones for the rest.</summary>
    private List<string> Wanted(StrategyContext context, JsonObject obj, JsonObject spec, string[] held, AllocationPlan plan)
    {
        var service = ServiceAddressing.Of(spec);
        if (service.IsHeadless)
        {
            return [];
        }

        var ips = new List<string>();
        for (var i = 0; i < service.Families.Count; i++)
        {
            var asked = i < service.ClusterIPs.Count ? service.ClusterIPs[i] : "";
            ips.Add(held.Contains(asked) ? asked : Take(context, obj, service, service.Families[i], asked, plan));
        }

        (service with { ClusterIP = ips[0], ClusterIPs = ips }).WriteTo(spec);
        return ips;
    }

    private string Take(StrategyContext context, JsonObject obj, ServiceAddressing service, string family, string asked, AllocationPlan plan)
    {
        var open = ranges.Of(family, context.Objects);
        if (asked.Length == 0)
        {
            var free = open.SelectMany(r => r.Candidates(Dice.Of(context.Time))).Select(c => c.ToString()).FirstOrDefault(c => context.Objects.Find<Api.Networking.V1.IPAddress>("", c) is null)
                ?? throw StatusErrors.InternalError("failed to allocate a serviceIP: range is full");
            return Take(context, obj, free, free, plan);
        }

        if (LooseNetwork.Address(asked) is not { } address || !open.Any(r => r.Contains(address)))
        {
            throw Refused(obj, service, $"failed to allocate IP {asked}: the provided network does not match the current range");
        }

        return context.Objects.Find<Api.Networking.V1.IPAddress>("", address.ToString()) is null
            ? Take(context, obj, asked, address.ToString(), plan)
            : throw Refused(obj, service, $"failed to allocate IP {asked}: provided IP is already allocated");
    }

    private static string Take(StrategyContext context, JsonObject obj, string asked, string ip, AllocationPlan plan)
    {
        plan.Compares.Add(new(IPAddressObject.KeyOf(ip), 0));
        plan.Operations.Add(Operation.Put(IPAddressObject.KeyOf(ip), IPAddressObject.Bytes(ip, obj, context.Time)));
        return asked;
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
                port["nodePort"] = number != 0 ? Ask(bitmap, number, held, kept, $"spec.ports[{i}].nodePort", errors) : Free(bitmap, kept);
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
        var port = bitmap.Take(bitmap.Dice) ?? throw StatusErrors.InternalError("failed to allocate a nodePort: range is full");
        kept.Add(port);
        return port;
    }

    private static StatusException Refused(JsonObject obj, ServiceAddressing service, string why)
    {
        var errors = new FieldErrors();
        errors.Invalid("spec.clusterIPs", service.ClusterIPs, why);
        return StatusErrors.Invalid("", "Service", obj.Meta().TextAt("name"), errors);
    }
}
