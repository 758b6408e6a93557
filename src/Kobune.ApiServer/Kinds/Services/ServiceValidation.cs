using Kobune.Api.Core.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Services;

/// <summary>Validation of Services (upstream's ValidateService).</summary>
internal static class ServiceValidation
{
    public const string TopologyHints = "service.kubernetes.io/topology-aware-hints";
    public const string TopologyMode = "service.kubernetes.io/topology-mode";
    private const string SourceRanges = "service.beta.kubernetes.io/load-balancer-source-ranges";
    private const string OnlyBalanced = "may only be used when `type` is 'LoadBalancer'";
    private const int KubeletPort = 10250;

    private static readonly string[] Types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];

    /// <summary><paramref name="old"/>: addresses and ranges that it has may stay as they are written.</summary>
    public static void Validate(Service service, Service? old, FieldErrors errors)
    {
        var spec = service.Spec;
        var isHeadless = spec.ClusterIP == "None" || spec.ClusterIPs.Contains("None");
        if (service.Metadata.Annotations.TryGetValue(TopologyMode, out var mode) && service.Metadata.Annotations.TryGetValue(TopologyHints, out var hints) && mode != hints)
        {
            errors.Invalid($"metadata.annotations[{TopologyMode}]", mode, $"must match annotations[{TopologyHints}] when both are specified");
        }

        if (spec.Ports.Count == 0 && !isHeadless && spec.Type != "ExternalName")
        {
            errors.Required("spec.ports", "");
        }

        TypeRules(spec, isHeadless, errors);
        Ports(spec, errors);
        errors.Labels("spec.selector", spec.Selector);
        Affinity(spec, errors);
        ServiceAddressRules.Check(ServiceAddressing.Of(spec), old?.Spec.ClusterIPs ?? [], errors);
        for (var i = 0; i < spec.ExternalIPs.Count; i++)
        {
            EndpointAddresses.Validate(spec.ExternalIPs[i], $"spec.externalIPs[{i}]", errors, old?.Spec.ExternalIPs);
        }

        errors.OneOf("spec.type", spec.Type, Types);
        NodePorts(spec, errors);
        Balancing(service, old, errors);
        Traffic(spec, errors);
    }

    /// <summary>What stays once it was told (upstream's validateLoadBalancerClassField and validateServiceExternalTrafficFieldsUpdate).</summary>
    public static void Changes(ServiceSpec now, ServiceSpec before, FieldErrors errors)
    {
        if (now.Type == "LoadBalancer" && before.Type == "LoadBalancer" && now.LoadBalancerClass != before.LoadBalancerClass)
        {
            errors.Invalid("spec.loadBalancerClass", now.LoadBalancerClass, "may not change once set");
        }

        BalancerClass(now, errors); // and once more with all else

        if (NeedsHealthCheck(now) && NeedsHealthCheck(before) && now.HealthCheckNodePort != before.HealthCheckNodePort)
        {
            errors.Forbidden("spec.healthCheckNodePort", FieldRules.Immutable);
        }
    }

    /// <summary>Where a balancer says that the Service is (upstream's ValidateLoadBalancerStatus).</summary>
    public static void Status(Service service, Service old, FieldErrors errors)
    {
        var ingress = service.Status.LoadBalancer.Ingress;
        if (service.Spec.Type != "LoadBalancer" && ingress.Count > 0 && !errors.Features.IsEnabled("AllowServiceLBStatusOnNonLB"))
        {
            errors.Forbidden("status.loadBalancer.ingress", "may only be used when `spec.type` is 'LoadBalancer'");
            return;
        }

        for (var i = 0; i < ingress.Count; i++)
        {
            var (one, path) = (ingress[i], $"status.loadBalancer.ingress[{i}]");
            if (one.IP.Length > 0)
            {
                errors.LegacyAddress(path + ".ip", one.IP, old.Status.LoadBalancer.Ingress.Select(i => i.IP));
            }

            if (one.IPMode is not null && one.IP.Length == 0)
            {
                errors.Forbidden(path + ".ipMode", "may not be specified when `ip` is not set");
            }
            else if (one.IPMode is not (null or "Proxy" or "VIP"))
            {
                errors.NotSupported(path + ".ipMode", one.IPMode, ["Proxy", "VIP"]);
            }

            if (one.Hostname.Length > 0)
            {
                errors.Names(path + ".hostname", one.Hostname, NameValidation.Dns1123Subdomain(one.Hostname));
                if (LooseNetwork.Address(one.Hostname) is not null)
                {
                    errors.Invalid(path + ".hostname", one.Hostname, "must be a DNS name, not an IP address");
                }
            }
        }
    }

    private static void TypeRules(ServiceSpec spec, bool isHeadless, FieldErrors errors)
    {
        for (var i = 0; spec.Type == "LoadBalancer" && i < spec.Ports.Count; i++)
        {
            if (spec.Ports[i].Port == KubeletPort)
            {
                errors.Invalid($"spec.ports[{i}]", KubeletPort, $"may not expose port {KubeletPort} externally since it is used by kubelet");
            }
        }

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
        foreach (var (name, isSet) in new[] { ("clusterIPs", spec.ClusterIPs.Count > 0), ("ipFamilies", spec.IPFamilies.Count > 0), ("ipFamilyPolicy", spec.IPFamilyPolicy is not null) })
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

    private static void Ports(ServiceSpec spec, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
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
        }
    }

    // By protocol: a port may be there once for each, and the node's as well.
    private static void NodePorts(ServiceSpec spec, FieldErrors errors)
    {
        var (nodePorts, ports) = (new HashSet<(string, int)>(), new HashSet<(string, int)>());
        for (var i = 0; i < spec.Ports.Count; i++)
        {
            if (spec.Ports[i].NodePort != 0 && spec.Type == "ClusterIP")
            {
                errors.Forbidden($"spec.ports[{i}].nodePort", "may not be used when `type` is 'ClusterIP'");
            }
        }

        for (var i = 0; i < spec.Ports.Count; i++)
        {
            if (spec.Ports[i].NodePort != 0 && !nodePorts.Add((spec.Ports[i].Protocol, spec.Ports[i].NodePort)))
            {
                errors.Duplicate($"spec.ports[{i}].nodePort", spec.Ports[i].NodePort);
            }
        }

        for (var i = 0; i < spec.Ports.Count; i++)
        {
            var (port, path) = (spec.Ports[i], $"spec.ports[{i}]");
            if (!ports.Add((port.Protocol, port.Port)))
            {
                errors.Duplicate(path, new ServicePort { Protocol = port.Protocol, Port = port.Port });
            }
        }
    }

    private static void Balancing(Service service, Service? old, FieldErrors errors)
    {
        var spec = service.Spec;
        var isBalanced = spec.Type == "LoadBalancer";
        if (spec.LoadBalancerSourceRanges.Count > 0)
        {
            Only("spec.LoadBalancerSourceRanges", isSet: true);
            for (var i = 0; i < spec.LoadBalancerSourceRanges.Count; i++) // with spaces around: once they were parts of the annotation
            {
                errors.LegacyCidr($"spec.LoadBalancerSourceRanges[{i}]", spec.LoadBalancerSourceRanges[i].Trim(), old?.Spec.LoadBalancerSourceRanges.Select(r => r.Trim()));
            }
        }
        else if (service.Metadata.Annotations.TryGetValue(SourceRanges, out var told))
        {
            Only($"metadata.annotations[{SourceRanges}]", isSet: true);
            foreach (var range in told.Trim().Length == 0 || old?.Metadata.Annotations.GetValueOrDefault(SourceRanges) == told ? [] : told.Split(','))
            {
                errors.LegacyCidr($"metadata.annotations[{SourceRanges}]", range.Trim());
            }
        }

        Only("spec.allocateLoadBalancerNodePorts", spec.AllocateLoadBalancerNodePorts is not null);
        BalancerClass(spec, errors);

        void Only(string path, bool isSet)
        {
            if (isSet && !isBalanced)
            {
                errors.Forbidden(path, OnlyBalanced);
            }
        }
    }

    private static void BalancerClass(ServiceSpec spec, FieldErrors errors)
    {
        if (spec.LoadBalancerClass is not { } name)
        {
            return;
        }

        if (spec.Type == "LoadBalancer")
        {
            errors.Names("spec.loadBalancerClass", name, NameValidation.QualifiedName(name));
        }
        else
        {
            errors.Forbidden("spec.loadBalancerClass", OnlyBalanced);
        }
    }

    private static bool NeedsHealthCheck(ServiceSpec spec) => spec is { Type: "LoadBalancer", ExternalTrafficPolicy: "Local" };

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
        var isExternal = spec.Type is "NodePort" or "LoadBalancer" || (spec.Type == "ClusterIP" && spec.ExternalIPs.Count > 0);
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

        string[] distributions = errors.Features.IsEnabled("PreferSameTrafficDistribution") ? ["PreferClose", "PreferSameZone", "PreferSameNode"] : ["PreferClose"];
        errors.OneOfGiven("spec.trafficDistribution", spec.TrafficDistribution, distributions);
    }
}
