namespace Kobune.Testing.Tests.Chaos;

/// <summary>One object as the run declared it last; the numbers mean what its kind makes of them.</summary>
internal sealed record Wanted(string Kind, string Namespace, string Name)
{
    /// <summary>Replicas; completions of a Job.</summary>
    public int Count { get; init; }

    /// <summary>Of the pod template.</summary>
    public int Version { get; init; }

    /// <summary>The label app that a Service or a budget selects; its own name for all else.</summary>
    public string App { get; init; } = Name;

    /// <summary>A Job or CronJob that rests; of a StatefulSet: claims go when it is scaled down or deleted.</summary>
    public bool Flag { get; init; }

    /// <summary>A Job whose pods fail, or a Deployment that recreates; of a DaemonSet: on nodes with role=x alone; of a budget: maxUnavailable instead of minAvailable.</summary>
    public bool OtherFlag { get; init; }

    /// <summary>A Job that goes when it has ended.</summary>
    public bool IsShortLived { get; init; }

    public (string Kind, string Namespace, string Name) Key => (Kind, Namespace, Name);
}
