using Kobune.Api.Core.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Services;

/// <summary>Validation of Services (upstream's ValidateService).</summary>
internal static class ServiceValidation
{
    private static readonly string[] Types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];

    public static void Validate(Service service, FieldErrors errors)
    {
        var spec = service.Spec;
        var isHeadless = spec.ClusterIP == "None" || spec.ClusterIPs.Contains("None");
        if (spec.Ports.Count == 0 && !isHeadless && spec.Type != "ExternalName")
        {
            errors.Required("spec.ports", "");
        }

        TypeRules(spec, isHeadless, errors);
        Ports(spec, isHeadless, errors);
        errors.Labels("spec.selector", spec.Selector);
        Affinity(spec, errors);
        ServiceAddressRules.Check(ServiceAddressing.Of(spec), errors);
        for (var i = 0; i < spec.ExternalIPs.Count; i++)
        {
            errors.Names($"spec.externalIPs[{i}]", spec.ExternalIPs[i], NameValidation.IpAddress(spec.ExternalIPs[i]));
        }

        errors.OneOf("spec.type", spec.Type, Types);
        Traffic(spec, errors);
    }

    private static void TypeRules(ServiceSpec spec, bool isHeadless, FieldErrors errors)
    {
        switch (spec.Type)
        {
            case "LoadBalancer" or "NodePort" when isHeadless:
                errors.Invalid("spec.clusterIPs[0]", "None", $"may not be set to 'None' for {spec.Type} services");
                break;
            case "ExternalName":
                ExternalName(spec, errors);
                break;
        }
    }

    private static void ExternalName(ServiceSpec spec, FieldErrors errors)
    {
        foreach (var (name, isSet) in new[] { ("clusterIPs", spec.ClusterIPs.Count > 0), ("ipFamilies", spec.IPFamilies.Count > 0), ("ipFamilyPolicy", !string.IsNullOrEmpty(spec.IPFamilyPolicy)) })
        {
            if (isSet)
            {
                errors.Forbidden("spec." + name, "may not be set for ExternalName services");
            }
        }

        if (spec.ExternalName.Length == 0)
        {
            errors.Required("spec.externalName", "");
        }
        else
        {
            errors.Names("spec.externalName", spec.ExternalName, NameValidation.Dns1123Subdomain(spec.ExternalName.EndsWith('.') ? spec.ExternalName[..^1] : spec.ExternalName));
        }
    }

    private static void Ports(ServiceSpec spec, bool isHeadless, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var nodePorts = new HashSet<(string, int)>();
        var ports = new HashSet<(string, int)>();
        for (var i = 0; i < spec.Ports.Count; i++)
        {
            var (port, path) = (spec.Ports[i], $"spec.ports[{i}]");
            if (spec.Ports.Count > 1 && port.Name.Length == 0)
            {
                errors.Required(path + ".name", "");
            }
            else if (port.Name.Length > 0)
            {
                errors.Names(path + ".name", port.Name, NameValidation.Dns1123Label(port.Name));
                if (!names.Add(port.Name))
                {
                    errors.Duplicate(path + ".name", port.Name);
                }
            }

            errors.Port(path + ".port", port.Port);
            errors.OneOf(path + ".protocol", port.Protocol, "SCTP", "TCP", "UDP");
            errors.PortNumberOrName(path + ".targetPort", port.TargetPort);
            if (port.AppProtocol is { } protocol)
            {
                errors.Names(path + ".appProtocol", protocol, NameValidation.QualifiedName(protocol));
            }

            if (port.NodePort != 0 && spec.Type is ("ClusterIP" or "ExternalName"))
            {
                errors.Forbidden(path + ".nodePort", $"may not be used when `type` is '{spec.Type}'");
            }
            else if (port.NodePort != 0 && !nodePorts.Add((port.Protocol, port.NodePort)))
            {
                errors.Duplicate(path + ".nodePort", port.NodePort);
            }

            if (!isHeadless && spec.Type == "LoadBalancer" && port.Port == 10250)
            {
                errors.Invalid(path, port.Port, "may not expose port 10250 externally since it is used by kubelet");
            }

            if (!ports.Add((port.Protocol, port.Port)))
            {
                errors.Duplicate(path, new ServicePort { Protocol = port.Protocol, Port = port.Port }.ToTree());
            }
        }
    }

    private static void Affinity(ServiceSpec spec, FieldErrors errors)
    {
        errors.OneOf("spec.sessionAffinity", spec.SessionAffinity, "ClientIP", "None");
        if (spec.SessionAffinity == "ClientIP")
        {
            if (spec.SessionAffinityConfig?.ClientIP?.TimeoutSeconds is not { } seconds)
            {
                errors.Required("spec.sessionAffinityConfig", "when session affinity type is ClientIP");
            }
            else if (seconds is <= 0 or > 86400)
            {
                errors.Invalid("spec.sessionAffinityConfig.clientIP.timeoutSeconds", seconds, "must be greater than 0 and less than 86400");
            }
        }
        else if (spec.SessionAffinity == "None" && spec.SessionAffinityConfig is not null)
        {
            errors.Forbidden("spec.sessionAffinityConfig", "must not be set when session affinity is None");
        }
    }

    private static void Traffic(ServiceSpec spec, FieldErrors errors)
    {
        var isExternal = spec.Type is "NodePort" or "LoadBalancer" || spec.ExternalIPs.Count > 0;
        if (spec.ExternalTrafficPolicy.Length > 0)
        {
            if (!isExternal)
            {
                errors.Invalid("spec.externalTrafficPolicy", spec.ExternalTrafficPolicy, "may only be set for externally-accessible services");
            }
            else if (spec.ExternalTrafficPolicy is not ("Cluster" or "Local"))
            {
                errors.NotSupported("spec.externalTrafficPolicy", spec.ExternalTrafficPolicy, ["Cluster", "Local"]);
            }
        }

        if (spec.HealthCheckNodePort != 0 && !(spec.Type == "LoadBalancer" && spec.ExternalTrafficPolicy == "Local"))
        {
            errors.Invalid("spec.healthCheckNodePort", spec.HealthCheckNodePort, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
        }

        if (spec.InternalTrafficPolicy is { } inside && inside is not ("Cluster" or "Local"))
        {
            errors.NotSupported("spec.internalTrafficPolicy", inside, ["Cluster", "Local"]);
        }

        if (spec.LoadBalancerSourceRanges.Count > 0 && spec.Type != "LoadBalancer")
        {
            errors.Forbidden("spec.LoadBalancerSourceRanges", "may only be used when `type` is 'LoadBalancer'");
        }

        if (spec.AllocateLoadBalancerNodePorts is not null && spec.Type != "LoadBalancer")
        {
            errors.Forbidden("spec.allocateLoadBalancerNodePorts", "may only be used when `type` is 'LoadBalancer'");
        }

        if (spec.LoadBalancerClass is not null && spec.Type != "LoadBalancer")
        {
            errors.Forbidden("spec.loadBalancerClass", "may only be used when `type` is 'LoadBalancer'");
        }

        string[] distributions = errors.Features.IsEnabled("PreferSameTrafficDistribution") ? ["PreferClose", "PreferSameZone", "PreferSameNode"] : ["PreferClose"];
        errors.OneOfOrEmpty("spec.trafficDistribution", spec.TrafficDistribution, distributions);
    }
}
