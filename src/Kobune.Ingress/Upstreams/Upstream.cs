namespace Kobune.Ingress.Upstreams;

/// <summary>The ready endpoints of one Service port at one moment, with the turn of the round robin.</summary>
internal sealed class Upstream(string name, IReadOnlyList<UpstreamEndpoint> endpoints)
{
    private int _turn = Random.Shared.Next();

    /// <summary>"namespace-service-port", as ingress-nginx names them.</summary>
    public string Name => name;

    public IReadOnlyList<UpstreamEndpoint> Endpoints => endpoints;

    /// <summary>Whose turn it is; 0 when there are none.</summary>
    public int Turn() => endpoints.Count == 0 ? 0 : (int)((uint)Interlocked.Increment(ref _turn) % (uint)endpoints.Count);
}
