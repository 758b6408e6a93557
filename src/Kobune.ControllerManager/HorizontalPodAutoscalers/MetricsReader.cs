using System.Globalization;
using System.Text.Json;
using Kobune.Api;
using Kobune.Api.Autoscaling.V2;
using Kobune.Api.Meta.V1;
using Kobune.Api.Schema;
using Kobune.Api.Selectors;
using Kobune.Client;
using Kobune.Client.Transport;

namespace Kobune.ControllerManager.HorizontalPodAutoscalers;

/// <summary>A measured value of a pod.</summary>
/// <param name="Milli">The value in thousandths.</param>
/// <param name="Time">When it was measured.</param>
/// <param name="Window">Over which time.</param>
internal readonly record struct PodMetric(long Milli, DateTimeOffset Time, TimeSpan Window);

/// <summary>Reads the three APIs of metrics. Source: pkg/controller/podautoscaler/metrics, client.go.</summary>
internal sealed class MetricsReader(ITransport transport)
{
    private static readonly TimeSpan DefaultWindow = TimeSpan.FromMinutes(1);

    /// <summary>What the containers of each pod use together of a resource; of one container alone when it is named.</summary>
    /// <exception cref="MetricException">The API does not answer, or has nothing.</exception>
    public async Task<Dictionary<string, PodMetric>> ResourceAsync(string resource, string ns, Selector selector, string? container, CancellationToken ct)
    {
        using var list = await GetAsync($"/apis/metrics.k8s.io/v1beta1/namespaces/{ns}/pods?labelSelector={Uri.EscapeDataString(selector.ToString())}", "resource metrics API", ct);
        var metrics = new Dictionary<string, PodMetric>(StringComparer.Ordinal);
        foreach (var pod in Items(list))
        {
            var (sum, isWhole) = (0L, false);
            foreach (var item in pod.GetProperty("containers").EnumerateArray().Where(c => container is null || c.GetProperty("name").GetString() == container))
            {
                isWhole = item.GetProperty("usage").TryGetProperty(resource, out var usage) && Quantity.TryParse(usage.GetString(), out var amount) && Add(ref sum, amount.MilliValue);
                if (!isWhole)
                {
                    break; // upstream: a pod of which a container has no value has none
                }
            }

            if (isWhole)
            {
                metrics[NameOf(pod)] = new(sum, TimeOf(pod), WindowOf(pod));
            }
        }

        return metrics.Count > 0 || container is not null || Items(list).Any()
            ? metrics
            : throw new MetricException("no metrics returned from resource metrics API");
    }

    /// <summary>A metric of each pod from the custom metrics API.</summary>
    /// <exception cref="MetricException">The API does not answer, or has nothing.</exception>
    public async Task<Dictionary<string, PodMetric>> PodsAsync(MetricIdentifier metric, string ns, Selector selector, CancellationToken ct)
    {
        var path = $"/apis/custom.metrics.k8s.io/v1beta2/namespaces/{ns}/pods/*/{Uri.EscapeDataString(metric.Name)}?labelSelector={Uri.EscapeDataString(selector.ToString())}{Of(metric.Selector, "metricLabelSelector")}";
        using var list = await GetAsync(path, "custom metrics API", ct);
        var metrics = Items(list).ToDictionary(i => i.GetProperty("describedObject").GetProperty("name").GetString() ?? "", i => new PodMetric(ValueOf(i), TimeOf(i), WindowOf(i)), StringComparer.Ordinal);
        return metrics.Count > 0 ? metrics : throw new MetricException("no metrics returned from custom metrics API");
    }

    /// <summary>A metric of one object, in thousandths.</summary>
    /// <exception cref="MetricException">The API does not answer, or has nothing.</exception>
    public async Task<long> ObjectAsync(MetricIdentifier metric, string ns, CrossVersionObjectReference described, CancellationToken ct)
    {
        var group = described.APIVersion.Split('/') is [var g, _] ? "." + g : "";
        var plural = described.Kind.ToLowerInvariant() + (described.Kind.EndsWith('s') ? "es" : described.Kind.EndsWith('y') ? "" : "s");
        var path = described.Kind == "Namespace"
            ? $"/apis/custom.metrics.k8s.io/v1beta2/namespaces/{described.Name}/metrics/{Uri.EscapeDataString(metric.Name)}?{Of(metric.Selector, "metricLabelSelector").TrimStart('&')}"
            : $"/apis/custom.metrics.k8s.io/v1beta2/namespaces/{ns}/{plural}{group}/{described.Name}/{Uri.EscapeDataString(metric.Name)}?{Of(metric.Selector, "metricLabelSelector").TrimStart('&')}";
        using var list = await GetAsync(path.TrimEnd('?'), "custom metrics API", ct);
        return Items(list).Select(i => (long?)ValueOf(i)).FirstOrDefault() ?? throw new MetricException("no metrics returned from custom metrics API");
    }

    /// <summary>All values of an external metric, in thousandths.</summary>
    /// <exception cref="MetricException">The API does not answer, or has nothing.</exception>
    public async Task<IReadOnlyList<long>> ExternalAsync(MetricIdentifier metric, string ns, CancellationToken ct)
    {
        using var list = await GetAsync($"/apis/external.metrics.k8s.io/v1beta1/namespaces/{ns}/{Uri.EscapeDataString(metric.Name)}?{Of(metric.Selector, "labelSelector").TrimStart('&')}".TrimEnd('?'), "external metrics API", ct);
        long[] values = [.. Items(list).Select(ValueOf)];
        return values.Length > 0 ? values : throw new MetricException("no metrics returned from external metrics API");
    }

    private static bool Add(ref long sum, long value)
    {
        sum += value;
        return true;
    }

    private static string Of(LabelSelector? selector, string parameter) => selector is null ? "" : $"&{parameter}={Uri.EscapeDataString(Selector.From(selector).ToString())}";

    private static JsonElement.ArrayEnumerator Items(JsonDocument list) => list.RootElement.TryGetProperty("items", out var items) && items.ValueKind == JsonValueKind.Array ? items.EnumerateArray() : default;

    private static string NameOf(JsonElement item) => item.GetProperty("metadata").GetProperty("name").GetString() ?? "";

    private static long ValueOf(JsonElement item) => item.TryGetProperty("value", out var value) && Quantity.TryParse(value.GetString(), out var amount) ? amount.MilliValue : 0;

    private static DateTimeOffset TimeOf(JsonElement item) =>
        item.TryGetProperty("timestamp", out var text) && DateTimeOffset.TryParse(text.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : DateTimeOffset.UnixEpoch;

    /// <summary>"window" of metrics.k8s.io is a duration of Go, "windowSeconds" of custom metrics a number.</summary>
    private static TimeSpan WindowOf(JsonElement item) =>
        item.TryGetProperty("window", out var text) && GoDuration.TryParse(text.GetString() ?? "") is { } nanos ? TimeSpan.FromTicks(nanos / 100)
        : item.TryGetProperty("windowSeconds", out var seconds) && seconds.TryGetInt64(out var count) ? TimeSpan.FromSeconds(count)
        : DefaultWindow;

    private async Task<JsonDocument> GetAsync(string path, string api, CancellationToken ct)
    {
        string problem;
        try
        {
            var answer = await transport.SendAsync(new("GET", path), ct);
            if (answer.StatusCode < 400)
            {
                return JsonDocument.Parse(answer.Body.Json);
            }

            problem = answer.Body.Read<Status>().Message;
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or JsonException or ObjectDecodeException)
        {
            problem = e.Message;
        }

        throw new MetricException($"unable to fetch metrics from {api}: {problem}");
    }
}

/// <summary>No number of replicas can be worked out of a metric; in upstream's words.</summary>
internal sealed class MetricException(string message, bool isSpec = false) : Exception(message)
{
    /// <summary>The autoscaler itself is wrong.</summary>
    public bool IsSpec => isSpec;

    /// <summary>What the metrics of the autoscaler were, so far as they could be had.</summary>
    public IReadOnlyList<Api.Autoscaling.V2.MetricStatus> Statuses { get; init; } = [];
}
