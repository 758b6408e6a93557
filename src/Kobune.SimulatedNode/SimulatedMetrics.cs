using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Selectors;
using Kobune.Client.Informers;

namespace Kobune.SimulatedNode;

/// <summary>A metrics server (metrics.k8s.io/v1beta1) without a socket: what pods use is what <see cref="SimulatedNodeOptions.Usage"/> says at that moment.</summary>
internal sealed class SimulatedMetrics(SimulatedNodeOptions options, IInformer<Pod> pods, IInformer<Node> nodes, TimeProvider time) : HttpMessageHandler
{
    private const string Root = "/apis/metrics.k8s.io/v1beta1";

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var uri = request.RequestUri!;
        var selector = uri.Query.TrimStart('?').Split('&').Select(p => p.Split('=', 2)).FirstOrDefault(p => p[0] == "labelSelector") is [_, var text] ? Uri.UnescapeDataString(text) : "";
        return Task.FromResult(uri.AbsolutePath.StartsWith(Root, StringComparison.Ordinal) && Answer(uri.AbsolutePath[Root.Length..].Trim('/').Split('/'), selector) is { } answer
            ? Json(HttpStatusCode.OK, answer)
            : Json(HttpStatusCode.NotFound, new() { ["kind"] = "Status", ["apiVersion"] = "v1", ["status"] = "Failure", ["reason"] = "NotFound", ["code"] = 404, ["message"] = "the server could not find the requested resource" }));
    }

    private static HttpResponseMessage Json(HttpStatusCode code, JsonObject value) => new(code) { Content = new StringContent(value.ToJsonString(), Encoding.UTF8, "application/json") };

    private static JsonObject Resources() => new()
    {
        ["kind"] = "APIResourceList",
        ["apiVersion"] = "v1",
        ["groupVersion"] = "metrics.k8s.io/v1beta1",
        ["resources"] = new JsonArray(Resource("nodes", "NodeMetrics", false), Resource("pods", "PodMetrics", true)),
    };

    private static JsonObject Resource(string name, string kind, bool isNamespaced) =>
        new() { ["name"] = name, ["singularName"] = "", ["namespaced"] = isNamespaced, ["kind"] = kind, ["verbs"] = new JsonArray("get", "list") };

    private JsonObject? Answer(string[] parts, string selector) => parts switch
    {
        [""] => Resources(),
        ["nodes"] => List("NodeMetricsList", nodes.Cache.List(null, Selector.Parse(selector)).Select(Of)),
        ["nodes", var name] => nodes.Cache.Find("", name) is { } node ? Of(node) : null,
        ["pods"] => List("PodMetricsList", Running(null, selector).Select(Of)),
        ["namespaces", var ns, "pods"] => List("PodMetricsList", Running(ns, selector).Select(Of)),
        ["namespaces", var ns, "pods", var name] => Running(ns, "").FirstOrDefault(p => p.Metadata.Name == name) is { } pod ? Of(pod) : null,
        _ => null,
    };

    private IEnumerable<Pod> Running(string? ns, string selector) => pods.Cache.List(ns, Selector.Parse(selector)).Where(p => p.Status.Phase == PodPhase.Running);

    private static JsonObject List(string kind, IEnumerable<JsonObject> items) =>
        new() { ["kind"] = kind, ["apiVersion"] = "metrics.k8s.io/v1beta1", ["metadata"] = new JsonObject(), ["items"] = new JsonArray([.. items]) };

    private JsonObject Of(Pod pod) => Measured("PodMetrics", new JsonObject { ["name"] = pod.Metadata.Name, ["namespace"] = pod.Metadata.Namespace, ["labels"] = Labels(pod.Metadata.Labels) }, new("containers", new JsonArray(
        [.. pod.Spec.Containers.Select(c => new JsonObject { ["name"] = c.Name, ["usage"] = Amounts(options.Usage?.Invoke(pod, c.Name) ?? new Dictionary<string, Quantity>()) })])));

    private JsonObject Of(Node node)
    {
        var sum = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Zero, ["memory"] = Quantity.Zero };
        foreach (var pod in Running(null, "").Where(p => p.Spec.NodeName == node.Metadata.Name))
        {
            foreach (var (name, amount) in pod.Spec.Containers.SelectMany(c => options.Usage?.Invoke(pod, c.Name) ?? new Dictionary<string, Quantity>()))
            {
                sum[name] = sum.GetValueOrDefault(name) + amount;
            }
        }

        return Measured("NodeMetrics", new JsonObject { ["name"] = node.Metadata.Name, ["labels"] = Labels(node.Metadata.Labels) }, new("usage", Amounts(sum)));
    }

    private JsonObject Measured(string kind, JsonObject metadata, KeyValuePair<string, JsonNode?> value) => new(
    [
        new("kind", kind),
        new("apiVersion", "metrics.k8s.io/v1beta1"),
        new("metadata", metadata),
        new("timestamp", time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture)),
        new("window", "15s"),
        value,
    ]);

    private static JsonObject Labels(IReadOnlyDictionary<string, string> labels) => new(labels.Select(l => new KeyValuePair<string, JsonNode?>(l.Key, l.Value)));

    private static JsonObject Amounts(IReadOnlyDictionary<string, Quantity> amounts) => new(amounts.Select(a => new KeyValuePair<string, JsonNode?>(a.Key, a.Value.ToString())));
}
