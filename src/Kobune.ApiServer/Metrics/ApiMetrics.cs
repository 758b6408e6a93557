using System.Collections.Concurrent;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Metrics;

/// <summary>The server's own counters, under upstream's names.</summary>
internal sealed class ApiMetrics
{
    private readonly ConcurrentDictionary<RequestKey, long[]> _requests = new();
    private readonly ConcurrentDictionary<RequestKey, Histogram> _durations = new();
    private long _readsInFlight;
    private long _writesInFlight;

    /// <summary>Labels of a request; <paramref name="Code"/> is 0 for durations.</summary>
    public readonly record struct RequestKey(string Verb, string Group, string Version, string Resource, string Subresource, string Scope, int Code);

    public long ReadsInFlight => Interlocked.Read(ref _readsInFlight);

    public long WritesInFlight => Interlocked.Read(ref _writesInFlight);

    public IEnumerable<KeyValuePair<RequestKey, long>> Requests => _requests.Select(r => new KeyValuePair<RequestKey, long>(r.Key, Interlocked.Read(ref r.Value[0])));

    public IEnumerable<KeyValuePair<RequestKey, Histogram>> Durations => _durations;

    public void InFlight(bool isWrite, int change) => Interlocked.Add(ref isWrite ? ref _writesInFlight : ref _readsInFlight, change);

    /// <summary>Counts one answered request. Durations of watches say nothing and are left out.</summary>
    public void Observe(RequestInfo info, int code, TimeSpan elapsed)
    {
        // What nothing serves must not make new label values.
        var known = info.IsResourceRequest && code != 404;
        var key = new RequestKey(VerbOf(info.Verb), known ? info.ApiGroup : "", known ? info.ApiVersion : "", known ? info.Resource : "", known ? info.Subresource : "", Scope(info), code);
        Interlocked.Increment(ref _requests.GetOrAdd(key, static _ => new long[1])[0]);
        if (info.Verb != "watch")
        {
            _durations.GetOrAdd(key with { Code = 0 }, static _ => new Histogram()).Observe(elapsed);
        }
    }

    private static string VerbOf(string verb) => verb switch
    {
        "create" => "POST",
        "update" => "PUT",
        "deletecollection" => "DELETECOLLECTION",
        "get" or "list" or "watch" or "patch" or "delete" or "post" or "put" => verb.ToUpperInvariant(),
        _ => "other",
    };

    private static string Scope(RequestInfo info) =>
        !info.IsResourceRequest ? "" : info.Name.Length > 0 || info.Verb == "create" ? "resource" : info.Namespace.Length > 0 ? "namespace" : "cluster";
}
