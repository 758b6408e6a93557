using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Kobune.Api.Metrics;

namespace Kobune.ApiServer.Configuration;

/// <summary>What was read again of one file, with upstream's names. Source: k8s.io/apiserver, server/options/authenticationconfig/metrics and authorizationconfig/metrics.</summary>
internal sealed class ReloadMetrics
{
    private static readonly string Server = Hash("apiserver-" + Environment.MachineName);

    private readonly TimeProvider _time;
    private readonly NumberFamily _reloads;
    private readonly ConcurrentDictionary<string, double> _last = new(StringComparer.Ordinal);
    private readonly MetricFamily[] _families;
    private volatile string _hash = "";

    /// <param name="kind">"authentication" or "authorization".</param>
    /// <param name="time">The clock.</param>
    public ReloadMetrics(string kind, TimeProvider time)
    {
        _time = time;
        var name = $"apiserver_{kind}_config_controller_";
        _reloads = new(name + "automatic_reloads_total", "counter", $"[BETA] Total number of automatic reloads of {kind} configuration split by status and apiserver identity.", "status", "apiserver_id_hash");
        _families =
        [
            _reloads,
            new ReadFamily(name + "automatic_reload_last_timestamp_seconds", "gauge", $"[BETA] Timestamp of the last automatic reload of {kind} configuration split by status and apiserver identity.", Times, "status", "apiserver_id_hash"),
            new ReadFamily(name + "last_config_info", "gauge", $"[ALPHA] Information about the last applied {kind} configuration with hash as label, split by apiserver identity.", Applied, "apiserver_id_hash", "hash"),
        ];
    }

    public IEnumerable<MetricFamily> Families => _families;

    /// <summary>A text is in force.</summary>
    public void Hold(string text) => _hash = Hash(text);

    /// <summary>The file was read again, with success or not.</summary>
    public void Reloaded(bool isGood)
    {
        var status = isGood ? "success" : "failure";
        _reloads.Add(new(status, Server));
        _last[status] = _time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
    }

    private static string Hash(string text) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private IEnumerable<(LabelValues Labels, double Value)> Times() => _last.Select(l => (new LabelValues(l.Key, Server), l.Value));

    private IEnumerable<(LabelValues Labels, double Value)> Applied() => _hash is { Length: > 0 } hash ? [(new LabelValues(Server, hash), 1)] : [];
}
