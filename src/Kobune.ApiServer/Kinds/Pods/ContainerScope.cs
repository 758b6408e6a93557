using Kobune.Api.Core.V1;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>What the validation of a container has to know of its pod.</summary>
internal sealed record ContainerScope
{
    /// <summary>The pod's volumes by name, those alone in which nothing is wrong.</summary>
    public required IReadOnlyDictionary<string, Volume> Volumes { get; init; }

    /// <summary>Names of the pod's resource claims.</summary>
    public required IReadOnlySet<string> Claims { get; init; }

    /// <summary>What may go on being wrong.</summary>
    public required PodTolerance Tolerance { get; init; }

    /// <summary>The pod's restart policy.</summary>
    public required string RestartPolicy { get; init; }

    /// <summary>How long the pod has to end; null when it does not say.</summary>
    public long? GracePeriod { get; init; }

    /// <summary>Whether the pod's users are the node's.</summary>
    public bool HostUsers { get; init; } = true;

    /// <summary>linux or windows; null when the pod does not say.</summary>
    public string? OperatingSystem { get; init; }

    /// <summary>Whether it is a pod itself, not a template.</summary>
    public bool IsPod { get; init; }

    public static ContainerScope Of(PodSpec spec, IReadOnlyDictionary<string, Volume> volumes, PodTolerance tolerance, bool isPod) => new()
    {
        Volumes = volumes,
        Claims = spec.ResourceClaims.Select(c => c.Name).Where(n => n.Length > 0).ToHashSet(StringComparer.Ordinal),
        Tolerance = tolerance,
        RestartPolicy = spec.RestartPolicy,
        GracePeriod = spec.TerminationGracePeriodSeconds,
        HostUsers = spec.HostUsers != false,
        OperatingSystem = spec.OS?.Name,
        IsPod = isPod,
    };
}
