using System.Text;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Requests;
using Kobune.Storage;
using Kobune.Storage.Memory;

namespace Kobune.ApiServer.Tests.Hosting;

/// <summary>An API server over a store, reached in-process by a user who may do everything.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly IStore _store;

    private TestServer(IStore store, ApiServerHost host)
    {
        _store = store;
        Host = host;
    }

    public static UserInfo Admin { get; } = UserInfo.Of("admin", "system:masters");

    public ApiServerHost Host { get; }

    public IStore Store => _store;

    public static async Task<TestServer> StartAsync(Func<ApiServerOptions, ApiServerOptions>? configure = null, IStore? store = null)
    {
        store ??= new MemoryStore();
        var options = new ApiServerOptions { Store = store, Authenticator = new AuthenticationChain([]), Authorizer = new AllowAll(), Strategies = global::Kobune.ApiServer.Kinds.BuiltInStrategies.All, KeepsSystemObjects = false };
        var host = new ApiServerHost(configure?.Invoke(options) ?? options);
        await host.StartAsync(TestContext.Current.CancellationToken);
        return new(store, host);
    }

    public async Task<Answer> SendAsync(string method, string path, string body = "", string? contentType = null, string userAgent = "test/1.0")
    {
        var answer = await Host.InProcess.SendAsync(new InProcessRequest(Admin, method, path, Encoding.UTF8.GetBytes(body), contentType, userAgent), TestContext.Current.CancellationToken);
        return new(answer.StatusCode, (JsonObject)JsonNode.Parse(answer.Body.Json.Span)!, answer.Warnings);
    }

    /// <summary>Sends and insists on a code below 400.</summary>
    public async Task<JsonObject> MustAsync(string method, string path, string body = "", string? contentType = null, string userAgent = "test/1.0")
    {
        var answer = await SendAsync(method, path, body, contentType, userAgent);
        Assert.True(answer.Code < 400, $"{method} {path}: {answer.Code} {answer.Body}");
        return answer.Body;
    }

    public Task<JsonObject> CreateConfigMapAsync(string name, string ns = "default", string value = "1", string labels = "{}") =>
        MustAsync("POST", $"/api/v1/namespaces/{ns}/configmaps", $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}","labels":{{{labels}}}},"data":{"a":"{{{value}}}"}}""");

    /// <summary>Opens a watch and waits for nothing: events are read with <see cref="WatchStream.NextAsync"/>.</summary>
    public WatchStream Watch(string path) => new(Host.InProcess.WatchAsync(new InProcessRequest(Admin, "GET", path), TestContext.Current.CancellationToken));

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await _store.DisposeAsync();
    }

    internal sealed record Answer(int Code, JsonObject Body, IReadOnlyList<string> Warnings)
    {
        public string Message => (string?)Body["message"] ?? "";

        public string Reason => (string?)Body["reason"] ?? "";
    }

    private sealed class AllowAll : IAuthorizer
    {
        public ValueTask<AuthorizationResult> AuthorizeAsync(UserInfo user, RequestInfo request, CancellationToken ct) => new(new AuthorizationResult(Decision.Allow, ""));
    }
}
