using Kobune.Api.Metrics;

namespace Kobune.Client.Metrics;

/// <summary>Metrics of the requests that one program makes, with upstream's names (component-base, metrics/prometheus/restclient).</summary>
/// <param name="host">The API server as the program knows it, "192.168.49.2:8443".</param>
/// <param name="time">The clock.</param>
public sealed class RequestMetrics(string host, TimeProvider time)
{
    private static readonly double[] Bounds = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];
    private static readonly double[] Sizes = [64, 256, 512, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216];

    private readonly NumberFamily _requests = new("rest_client_requests_total", "counter", "[BETA] Number of HTTP requests, partitioned by status code, method, and host.", "code", "host", "method");
    private readonly HistogramFamily _durations = new("rest_client_request_duration_seconds", "[BETA] Request latency in seconds. Broken down by verb, and host.", Bounds, "host", "verb");
    private readonly HistogramFamily _sent = new("rest_client_request_size_bytes", "[ALPHA] Request size in bytes. Broken down by verb and host.", Sizes, "host", "verb");
    private readonly HistogramFamily _received = new("rest_client_response_size_bytes", "[ALPHA] Response size in bytes. Broken down by verb and host.", Sizes, "host", "verb");

    /// <summary>All of them.</summary>
    public IEnumerable<MetricFamily> Families => [_requests, _durations, _sent, _received];

    /// <summary>The clock of <see cref="Answered"/>.</summary>
    public long Start() => time.GetTimestamp();

    /// <summary>A request goes out.</summary>
    public void Sent(string method, long bytes) => _sent.Observe(new(host, method), bytes);

    /// <summary>The whole of an answer is here.</summary>
    public void Received(string method, long bytes) => _received.Observe(new(host, method), bytes);

    /// <summary>A request was answered, or with a code of 0 was not.</summary>
    public void Answered(string method, int code, long start)
    {
        _requests.Add(new(code == 0 ? "<error>" : $"{code}", host, method));
        _durations.Observe(new(host, method), time.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>A watch began, whose duration says nothing.</summary>
    public void Began(string method, int code) => _requests.Add(new($"{code}", host, method));
}
