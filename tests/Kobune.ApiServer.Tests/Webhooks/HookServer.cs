using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Admission.Webhooks;
using Kobune.ApiServer.Outbound;
using Kobune.ApiServer.Tests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Kobune.ApiServer.Tests.Webhooks;

/// <summary>A real HTTPS server with webhooks on a loopback port, and the way to it: by URL, or by any endpoint address, which leads here too.</summary>
internal sealed class HookServer : IOutboundConnector, IAsyncDisposable
{
    public const string ServiceName = "hook.hooks.svc";

    private readonly ConcurrentDictionary<string, Func<JsonObject, CancellationToken, Task<(int Code, string Body)>>> _hooks = new();
    private readonly TrustedInvokers _invokers = new();
    private LoopbackHttps _server = null!;

    private HookServer()
    {
    }

    /// <summary>All reviews in the order in which they came.</summary>
    public ConcurrentQueue<Asked> Reviews { get; } = new();

    public string CaBundle => Convert.ToBase64String(Encoding.UTF8.GetBytes(_server.AuthorityPem));

    public Uri Address => _server.Address;

    /// <summary>Where the last connection went.</summary>
    public OutboundTarget? Target { get; private set; }

    public static async Task<HookServer> StartAsync()
    {
        var hooks = new HookServer();
        hooks._server = await LoopbackHttps.StartAsync(hooks.ServeAsync, ServiceName);
        return hooks;
    }

    /// <summary>A server that asks these webhooks.</summary>
    public Task<TestServer> ServeAsync(IMatchConditions? conditions = null, Func<ApiServerOptions, ApiServerOptions>? configure = null, params IAdmissionPlugin[] plugins) => TestServer.StartAsync(o => (configure?.Invoke(o) ?? o) with
    {
        Outbound = this,
        Strategies = conditions is null ? o.Strategies : global::Kobune.ApiServer.Kinds.BuiltInStrategies.With(conditions),
        Admission = new AdmissionChain(plugins.Length > 0 ? plugins : [new MutatingAdmissionWebhook(conditions), new ValidatingAdmissionWebhook(conditions)]),
    });

    /// <summary>The webhook at a path: from the review's request to the response, whose uid is filled in.</summary>
    public void Answer(string path, Func<JsonObject, string> response) => Reply(path, request =>
    {
        var answer = (JsonObject)JsonNode.Parse(response(request))!;
        answer["uid"] = (string)request["uid"]!;
        return (200, new JsonObject { ["apiVersion"] = "admission.k8s.io/v1", ["kind"] = "AdmissionReview", ["response"] = answer }.ToJsonString());
    });

    /// <summary>A webhook that answers with any body.</summary>
    public void Reply(string path, Func<JsonObject, (int Code, string Body)> reply) => _hooks[path] = (request, _) => Task.FromResult(reply(request));

    /// <summary>A webhook that takes its time.</summary>
    public void ReplyLater(string path, Func<JsonObject, Task<(int Code, string Body)>> reply) => _hooks[path] = (request, _) => reply(request);

    /// <summary>A webhook that never answers.</summary>
    public void Hang(string path) => _hooks[path] = async (_, ct) =>
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
        return (200, "");
    };

    /// <summary>The requests that came to a path.</summary>
    public JsonObject[] Requests(string path) => [.. Reviews.Where(r => r.Path == path).Select(r => (JsonObject)r.Review["request"]!)];

    /// <summary>A kubeconfig file whose server is a path here.</summary>
    public string Kubeconfig(string path) => $$"""
        apiVersion: v1
        kind: Config
        current-context: c
        contexts: [{name: c, context: {cluster: k, user: u} }]
        clusters: [{name: k, cluster: {server: "{{new Uri(Address, path)}}", certificate-authority-data: {{CaBundle}} } }]
        users: [{name: u, user: {token: secret} }]
        """;

    /// <summary>A configuration with one webhook per path; <paramref name="more"/> is merged into each.</summary>
    public JsonObject Configuration(string kind, string name, string rule, string more = "{}", params string[] paths)
    {
        var hooks = new JsonArray();
        foreach (var path in paths)
        {
            var hook = (JsonObject)JsonNode.Parse(more)!;
            hook["name"] ??= $"{path.Trim('/')}.example.com";
            hook["sideEffects"] ??= "None";
            hook["admissionReviewVersions"] ??= new JsonArray("v1", "v1beta1");
            hook["rules"] ??= new JsonArray(JsonNode.Parse(rule));
            hook["clientConfig"] ??= new JsonObject { ["url"] = new Uri(Address, path).ToString(), ["caBundle"] = CaBundle };
            hooks.Add((JsonNode)hook);
        }

        return new JsonObject
        {
            ["apiVersion"] = "admissionregistration.k8s.io/v1",
            ["kind"] = kind,
            ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["test"] = "yes" } },
            ["webhooks"] = hooks,
        };
    }

    public ValueTask<(HttpMessageInvoker Invoker, Uri BaseAddress)> ConnectAsync(OutboundTarget target, CancellationToken ct)
    {
        Target = target;
        var address = target.Host == "10.1.2.3" ? Address : new UriBuilder("https", target.Host, target.Port).Uri; // no endpoint may have a loopback address
        return new((_invokers.For(target.Trust!), address));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _invokers.Dispose();
    }

    private async Task ServeAsync(HttpContext context)
    {
        try
        {
            var review = (JsonObject)(await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))!;
            Reviews.Enqueue(new(context.Request.Path, context.Request.QueryString.ToString(), context.Request.Protocol, context.Request.Host.ToString(), context.Request.Headers.Authorization.ToString(), review));
            (context.Response.StatusCode, var body) = _hooks.TryGetValue(context.Request.Path, out var hook) ? await hook(review["request"] as JsonObject ?? review, context.RequestAborted) : (404, "404 page not found");
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(body, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // the API server waits no longer
        }
    }

    internal sealed record Asked(string Path, string Query, string Protocol, string Host, string Authorization, JsonObject Review);
}
