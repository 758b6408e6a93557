using System.Net;
using Kobune.ControlPlane;

namespace Kobune.Node.Settings;

public sealed partial class ComponentSettings
{
    /// <summary>A control plane with these settings of its API server, controllers and scheduler. Files that they name are read on this machine.</summary>
    /// <param name="options">What it is made of otherwise.</param>
    /// <param name="gates">What --feature-gates says.</param>
    public ControlPlaneOptions ControlPlane(ControlPlaneOptions options, string gates)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options with
        {
            NodePorts = NodePorts ?? options.NodePorts,
            ControllersPort = Served("controller-manager", options.ControllersPort),
            SchedulerPort = Served("scheduler", options.SchedulerPort),
            Security = defaults => Security(defaults, File.ReadAllText),
            Server = Server,
            Controllers = defaults => Controllers(defaults) with { Features = Features("controller-manager", options.Version, gates) },
            Scheduler = defaults => Scheduler(defaults, File.ReadAllText),
        };
    }

    /// <summary>Where a component serves its metrics; a port of 0 closes it.</summary>
    internal IPEndPoint? Served(string component, IPEndPoint? otherwise)
    {
        var port = Number($"{component}.secure-port") ?? otherwise?.Port ?? 0;
        var address = Text($"{component}.bind-address") is { } text ? IPAddress.Parse(text) : otherwise?.Address ?? IPAddress.Loopback;
        return port == 0 ? null : new(address, port);
    }
}
