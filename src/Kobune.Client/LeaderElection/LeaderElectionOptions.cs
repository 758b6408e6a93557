namespace Kobune.Client.LeaderElection;

/// <summary>Settings of a leader election over a Lease, with upstream's defaults.</summary>
public sealed record LeaderElectionOptions
{
    /// <summary>Namespace of the Lease.</summary>
    public string Namespace { get; init; } = "kube-system";

    /// <summary>Name of the Lease, "kube-scheduler".</summary>
    public required string Name { get; init; }

    /// <summary>Who we are: unique among the candidates, "host_uuid".</summary>
    public required string Identity { get; init; }

    /// <summary>How long others wait after the last renewal before they take over.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the leader tries to renew before it gives up.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time between attempts.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Give the Lease back on a clean stop, so that the next one need not wait.</summary>
    public bool ReleaseOnCancel { get; init; } = true;
}
