namespace Kobune.Cli.Kubeconfig;

/// <summary>What start writes for one cluster: cluster, user and context of one name.</summary>
/// <param name="Name">The profile.</param>
/// <param name="Server">"https://192.168.49.2:8443".</param>
/// <param name="Authority">PEM of the cluster's authority.</param>
/// <param name="Certificate">PEM of the user's certificate.</param>
/// <param name="Key">PEM of the user's key.</param>
internal sealed record KubeconfigEntry(string Name, string Server, string Authority, string Certificate, string Key)
{
    /// <summary>When it was written, for the extensions.</summary>
    public required DateTimeOffset WrittenAt { get; init; }
}
