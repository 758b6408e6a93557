using Kobune.Api.Core.V1;

namespace Kobune.Scheduler.Cache;

/// <summary>A port that a pod takes on its node.</summary>
internal readonly record struct HostPort(string Protocol, string Address, int Port)
{
    private const string AnyAddress = "0.0.0.0";

    /// <summary>The host ports of containers and sidecars.</summary>
    public static IReadOnlyList<HostPort> Of(Pod pod)
    {
        List<HostPort>? ports = null;
        foreach (var container in pod.Spec.InitContainers)
        {
            if (container.RestartPolicy == ContainerRestartPolicy.Always)
            {
                Add(container, ref ports);
            }
        }

        foreach (var container in pod.Spec.Containers)
        {
            Add(container, ref ports);
        }

        return ports is null ? [] : ports;
    }

    /// <summary>Whether both cannot be had on one node: an unnamed address is all addresses.</summary>
    public bool Conflicts(HostPort other) =>
        Port == other.Port && Protocol == other.Protocol && (Address == other.Address || Address == AnyAddress || other.Address == AnyAddress);

    private static void Add(Container container, ref List<HostPort>? ports)
    {
        foreach (var port in container.Ports)
        {
            if (port.HostPort > 0)
            {
                (ports ??= []).Add(new HostPort(Or(port.Protocol, Kobune.Api.Core.V1.Protocol.TCP), Or(port.HostIP, AnyAddress), port.HostPort));
            }
        }
    }

    private static string Or(string value, string otherwise) => value.Length > 0 ? value : otherwise;
}
