namespace Kobune.Cli.Tunnels;

/// <summary>What a tunnel shows, in minikube's form; printed when it changed.</summary>
internal sealed record TunnelStatus(string Machine, int Pid, string Route, string Cluster, string Services)
{
    private const string None = "no errors";

    public string ClusterError { get; init; } = None;

    public string RouterError { get; init; } = None;

    public string LoadBalancerError { get; init; } = None;

    /// <summary>The block, with a line feed at its end.</summary>
    public string Render() =>
        $"""
        Status:
        {"\t"}machine: {Machine}
        {"\t"}pid: {Pid}
        {"\t"}route: {Route}
        {"\t"}kobune: {Cluster}
        {"\t"}services: [{Services}]
            errors:
        {"\t\t"}kobune: {ClusterError}
        {"\t\t"}router: {RouterError}
        {"\t\t"}loadbalancer emulator: {LoadBalancerError}

        """;
}
