namespace Kobune.ControlPlane.Hosting;

/// <summary>How a component is doing.</summary>
public enum ComponentState
{
    /// <summary>Its loop runs.</summary>
    Running,

    /// <summary>Its loop faulted; it is started again after a pause.</summary>
    BackingOff,

    /// <summary>It was stopped with the program.</summary>
    Stopped,
}

/// <summary>What status, /livez and the log say of a component.</summary>
/// <param name="Name">Upstream's name.</param>
/// <param name="State">How it is doing.</param>
/// <param name="Restarts">How often its loop was started again.</param>
/// <param name="LastError">Why its loop ended last; empty when it never did.</param>
public sealed record ComponentStatus(string Name, ComponentState State, int Restarts, string LastError);
