namespace Kobune.Proxy.Health;

/// <summary>How the proxy is doing: whether its last synchronisation reached the kernel, and when.</summary>
internal sealed class ProxyState(TimeProvider time)
{
    private long _lastGood;
    private volatile bool _failing;

    /// <summary>True from the first whole synchronisation on, until one fails.</summary>
    public bool IsHealthy => !_failing && Interlocked.Read(ref _lastGood) > 0;

    public void Report(bool good)
    {
        _failing = !good;
        if (good)
        {
            Interlocked.Exchange(ref _lastGood, time.GetUtcNow().Ticks);
        }
    }

    /// <summary>kube-proxy's answer on 10256/healthz.</summary>
    public HttpAnswer Healthz()
    {
        var last = new DateTimeOffset(Interlocked.Read(ref _lastGood), TimeSpan.Zero);
        return new(IsHealthy ? 200 : 503, "application/json", $$"""{"lastUpdated": "{{last:yyyy-MM-dd HH:mm:ss.fffffff}} +0000 UTC","currentTime": "{{time.GetUtcNow():yyyy-MM-dd HH:mm:ss.fffffff}} +0000 UTC", "nodeEligible": true}""");
    }
}
