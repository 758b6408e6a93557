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
            Security = defaults => Security(defaults, File.ReadAllText),
            Server = Server,
            Controllers = defaults => Controllers(defaults) with { Features = Features("controller-manager", options.Version, gates) },
            Scheduler = defaults => Scheduler(defaults, File.ReadAllText),
        };
    }
}
