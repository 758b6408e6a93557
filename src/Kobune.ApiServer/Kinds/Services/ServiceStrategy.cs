using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Features;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Services;

/// <summary>Services. Addresses and ports are allocated elsewhere; here are defaults, what follows a change of type, and validation (pkg/registry/core/service).</summary>
internal sealed class ServiceStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => ("", "services");

    public override void ApplyDefaults(JsonObject obj)
    {
        var spec = obj.Need("spec");
        spec.DefaultEmpty("sessionAffinity", "None");
        spec.DefaultEmpty("type", "ClusterIP");
        var type = spec.Text("type");
        if (spec.Text("sessionAffinity") == "None")
        {
            spec.Remove("sessionAffinityConfig");
        }
        else if (spec.Text("sessionAffinity") == "ClientIP")
        {
            spec.Need("sessionAffinityConfig").Need("clientIP").Default("timeoutSeconds", 10800);
        }

        foreach (var port in spec.Items("ports"))
        {
            port.DefaultEmpty("protocol", "TCP");
            if (!port.Has("targetPort") || port.Number("targetPort") == 0 || (port["targetPort"] is JsonValue && port.Number("targetPort") is null && port.Text("targetPort").Length == 0))
            {
                port.CopyFrom("targetPort", new JsonObject { ["targetPort"] = port["port"]?.DeepClone() });
            }
        }

        if ((type is "NodePort" or "LoadBalancer" || (type == "ClusterIP" && spec.Array("externalIPs") is { Count: > 0 })) && spec.Text("externalTrafficPolicy").Length == 0)
        {
            spec["externalTrafficPolicy"] = "Cluster";
        }

        if (type is "NodePort" or "LoadBalancer" or "ClusterIP")
        {
            spec.Default("internalTrafficPolicy", "Cluster");
        }

        if (type == "LoadBalancer")
        {
            spec.Default("allocateLoadBalancerNodePorts", true);
            foreach (var ingress in obj.Child("status", "loadBalancer").Items("ingress").Where(i => i.Text("ip").Length > 0))
            {
                ingress.Default("ipMode", "VIP");
            }
        }
    }

    public override void PrepareForCreate(StrategyContext context, JsonObject obj)
    {
        ServicePatches.FollowClusterIP(obj.Need("spec"), null);
        obj["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() };
    }

    public override void PrepareForUpdate(StrategyContext context, JsonObject obj, JsonObject old, string subresource)
    {
        if (subresource.Length > 0)
        {
            return;
        }

        var (spec, before) = (obj.Need("spec"), old.Need("spec"));
        ServicePatches.KeepAllocated(spec, before);
        DropUnused(spec, before);
        if (spec.Text("type") != "LoadBalancer")
        {
            obj["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() };
            obj.Need("status").CopyFrom("conditions", old.Child("status"));
        }
    }

    public override void Validate(EncodedObject obj, FieldErrors errors) => ServiceValidation.Validate(obj.Read<Service>(), null, errors);

    public override IEnumerable<string> Warnings(EncodedObject obj, EncodedObject? old, FeatureGates features) => ServiceWarnings.Of(obj.Read<Service>(), features.Version.Minor);

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        if (subresource == "status")
        {
            ServiceValidation.Status(obj.Read<Service>(), old.Read<Service>(), errors);
            return;
        }

        var (now, before) = (obj.Read<Service>(), old.Read<Service>());
        ServiceAddressRules.CheckUpdate(ServiceAddressing.Of(now.Spec), ServiceAddressing.Of(before.Spec), errors);
        ServiceValidation.Changes(now.Spec, before.Spec, errors);
        ServiceValidation.Validate(now, before, errors);
    }

    // What belongs to another type goes when the type changes, unless the user set it in the same request (upstream's dropTypeDependentFields).
    private static void DropUnused(JsonObject spec, JsonObject before)
    {
        var type = spec.Text("type");
        if (before.Text("type") == type)
        {
            return;
        }

        if (type == "ExternalName")
        {
            if (spec["clusterIPs"].SameAs(before["clusterIPs"]))
            {
                Drop("clusterIP");
                Drop("clusterIPs");
            }

            Drop("ipFamilies");
            Drop("ipFamilyPolicy");
            Drop("internalTrafficPolicy");
        }

        if (type is not ("NodePort" or "LoadBalancer"))
        {
            var oldPorts = before.Items("ports").Select(p => p.Number("nodePort")).ToHashSet();
            foreach (var port in spec.Items("ports").Where(p => oldPorts.Contains(p.Number("nodePort"))))
            {
                port.Remove("nodePort");
            }

            if (spec["externalTrafficPolicy"].SameAs(before["externalTrafficPolicy"]) && spec.Array("externalIPs") is null or { Count: 0 })
            {
                spec.Remove("externalTrafficPolicy");
            }
        }

        if (type != "LoadBalancer")
        {
            Drop("allocateLoadBalancerNodePorts");
            Drop("loadBalancerClass");
            Drop("healthCheckNodePort");
        }

        void Drop(string key)
        {
            if (spec[key].SameAs(before[key]))
            {
                spec.Remove(key);
            }
        }
    }
}
