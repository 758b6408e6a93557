using Kobune.Api.Core.V1;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>What is odd in good containers.</summary>
internal static class ContainerWarnings
{
    public static IEnumerable<string> Of(Container container, string path) =>
    [
        .. PodWarnings.Fractions(container.Resources.Limits, path + ".resources.limits"),
        .. PodWarnings.Fractions(container.Resources.Requests, path + ".resources.requests"),
        .. Variables(container.Env, path + ".env"),
    ];

    /// <summary>Ports of all containers: they share the pod's address.</summary>
    public static IEnumerable<string> Ports(IEnumerable<(string Path, Container Container)> containers)
    {
        var seen = new Dictionary<(int, string), List<(string Path, ContainerPort Port)>>();
        foreach (var (path, container) in containers)
        {
            for (var i = 0; i < container.Ports.Count; i++)
            {
                var (port, at) = (container.Ports[i], $"{path}.ports[{i}]");
                if (port.HostIP.Length > 0 && port.HostPort == 0)
                {
                    yield return $"{at}: hostIP set without hostPort: {{Name:{port.Name} HostPort:{port.HostPort} ContainerPort:{port.ContainerPortValue} Protocol:{port.Protocol} HostIP:{port.HostIP}}}";
                }

                var others = seen.TryGetValue((port.ContainerPortValue, port.Protocol), out var known) ? known : seen[(port.ContainerPortValue, port.Protocol)] = [];
                foreach (var other in others)
                {
                    if (Clash(port, other.Port) is { } clash)
                    {
                        yield return $"{at}: {clash} port definition with {other.Path}";
                    }
                }

                others.Add((at, port));
            }
        }
    }

    private static string? Clash(ContainerPort one, ContainerPort other) =>
        one.HostIP == other.HostIP && one.HostPort == other.HostPort ? "duplicate"
        : one.HostPort == 0 || other.HostPort == 0 ? "overlapping"
        : one.HostPort == other.HostPort && (one.HostIP.Length == 0) != (other.HostIP.Length == 0) ? "dangerously ambiguous"
        : null;

    // A variable may be told again when the new value is made of the old one, X=$(X):more.
    private static IEnumerable<string> Variables(IReadOnlyList<EnvVar> variables, string path)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < variables.Count; i++)
        {
            var (variable, reference) = (variables[i], $"$({variables[i].Name})");
            if (!seen.Add(variable.Name) && (variable.ValueFrom is not null || variable.Value == reference || !variable.Value.Contains(reference, StringComparison.Ordinal)))
            {
                yield return $"{path}[{i}]: hides previous definition of \"{variable.Name}\", which may be dropped when using apply";
            }
        }
    }
}
