using System.Collections.Concurrent;
using System.Net;
using Kobune.ApiServer.Outbound;

namespace Kobune.ApiServer.Tests.Aggregation;

/// <summary>An aggregated API server of one group version, reached without a network.</summary>
internal sealed class ExtensionServer : HttpMessageHandler, IOutboundConnector
{
    public const string Discovery = """
        {"kind":"APIResourceList","apiVersion":"v1","groupVersion":"metrics.k8s.io/v1beta1","resources":[
          {"name":"pods","singularName":"","namespaced":true,"kind":"PodMetrics","verbs":["get","list"]},
          {"name":"pods/peak","singularName":"","namespaced":true,"kind":"Peak","verbs":["get"]},
          {"name":"nodes","singularName":"","namespaced":false,"kind":"NodeMetrics","verbs":["get","list"]}]}
        """;

    private readonly ConcurrentQueue<HttpRequestMessage> _asked = new();

    public Func<string, (int Code, string Type, string Body)> Answer { get; set; } = Known;

    public OutboundTarget? Target { get; private set; }

    public IEnumerable<HttpRequestMessage> Asked => _asked;

    /// <summary>The last request of this path.</summary>
    public HttpRequestMessage Last(string path) => _asked.Last(r => r.RequestUri!.AbsolutePath == path);

    public static (int Code, string Type, string Body) Known(string path) => path switch
    {
        "/apis/metrics.k8s.io/v1beta1" => (200, "application/json", Discovery),
        "/openapi/v3" => (200, "application/json", """{"paths":{"apis/metrics.k8s.io/v1beta1":{"serverRelativeURL":"/openapi/v3/apis/metrics.k8s.io/v1beta1?hash=AB"}}}"""),
        "/openapi/v3/apis/metrics.k8s.io/v1beta1" => (200, "application/json", """{"openapi":"3.0.0"}"""),
        "/apis/metrics.k8s.io/v1beta1/nodes" => (200, "application/json", """{"kind":"NodeMetricsList","apiVersion":"metrics.k8s.io/v1beta1","metadata":{"resourceVersion":"7"},"items":[{"metadata":{"name":"n1"}},{"metadata":{"name":"n2"}}]}"""),
        "/apis/metrics.k8s.io/v1beta1/nodes/x" => (404, "application/json", """{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404,"message":"nodes.metrics.k8s.io \"x\" not found"}"""),
        "/apis/metrics.k8s.io/v1beta1/pods" => (200, "application/json", "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"p\"}}}\n{\"type\":\"DELETED\",\"object\":{\"metadata\":{\"name\":\"p\"}}}\n"),
        _ => (404, "text/plain", "404 page not found"),
    };

    public ValueTask<(HttpMessageInvoker Invoker, Uri BaseAddress)> ConnectAsync(OutboundTarget target, CancellationToken ct)
    {
        Target = target;
        return new((new HttpMessageInvoker(this, disposeHandler: false), new Uri($"https://{target.Host}:{target.Port}")));
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        _asked.Enqueue(request);
        var (code, type, body) = Answer(request.RequestUri!.AbsolutePath);
        var content = new StringContent(body, System.Text.Encoding.UTF8, type);
        return code == 0
            ? throw new HttpRequestException("connection refused")
            : Task.FromResult(new HttpResponseMessage((HttpStatusCode)code) { Content = content, RequestMessage = request });
    }
}
