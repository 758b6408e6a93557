namespace Kobune.Scheduler.Framework;

/// <summary>What a plugin says, with upstream's names.</summary>
internal enum StatusCode
{
    /// <summary>The plugin failed; the pod is tried again after a back-off.</summary>
    Error,

    /// <summary>The pod does not fit now; removing other pods could help.</summary>
    Unschedulable,

    /// <summary>The pod does not fit, and removing other pods would not help.</summary>
    UnschedulableAndUnresolvable,

    /// <summary>The plugin has no business with this pod.</summary>
    Skip,
}
