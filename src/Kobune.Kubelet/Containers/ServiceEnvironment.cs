using System.Globalization;
using Kobune.Api.Core.V1;

namespace Kobune.Kubelet.Containers;

/// <summary>The variables that tell a container where Services are (kubelet/envvars).</summary>
internal static class ServiceEnvironment
{
    /// <summary>Variables of the pod's namespace when links are on, and of default/kubernetes always.</summary>
    internal static IReadOnlyDictionary<string, string> Compute(string podNamespace, bool enableServiceLinks, IEnumerable<Service> services)
    {
        var chosen = new SortedDictionary<string, Service>(StringComparer.Ordinal);
        foreach (var service in services)
        {
            var name = service.Metadata.Name;
            if (service.Spec.ClusterIP is "" or "None")
            {
                continue;
            }

            if (service.Metadata.Namespace == podNamespace && (enableServiceLinks || IsMaster(service)))
            {
                chosen[name] = service;
            }
            else if (IsMaster(service))
            {
                chosen.TryAdd(name, service);
            }
        }

        var variables = new Dictionary<string, string>();
        foreach (var service in chosen.Values)
        {
            Add(variables, service);
        }

        return variables;
    }

    private static bool IsMaster(Service service) => service.Metadata is { Namespace: "default", Name: "kubernetes" };

    private static void Add(Dictionary<string, string> variables, Service service)
    {
        var prefix = Name(service.Metadata.Name);
        var host = service.Spec.ClusterIP;
        var ports = service.Spec.Ports;
        variables[prefix + "_SERVICE_HOST"] = host;
        if (ports.Count == 0)
        {
            return;
        }

        variables[prefix + "_SERVICE_PORT"] = Text(ports[0].Port);
        foreach (var port in ports)
        {
            if (port.Name.Length > 0)
            {
                variables[$"{prefix}_SERVICE_PORT_{Name(port.Name)}"] = Text(port.Port);
            }
        }

        for (var i = 0; i < ports.Count; i++)
        {
            var protocol = ports[i].Protocol.Length > 0 ? ports[i].Protocol : "TCP";
            var number = Text(ports[i].Port);
            var url = $"{protocol.ToLowerInvariant()}://{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{number}";
            var portPrefix = $"{prefix}_PORT_{number}_{protocol.ToUpperInvariant()}";
            if (i == 0)
            {
                variables[prefix + "_PORT"] = url;
            }

            variables[portPrefix] = url;
            variables[portPrefix + "_PROTO"] = protocol.ToLowerInvariant();
            variables[portPrefix + "_PORT"] = number;
            variables[portPrefix + "_ADDR"] = host;
        }
    }

    private static string Name(string name) => name.Replace('-', '_').ToUpperInvariant();

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
