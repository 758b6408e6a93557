using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Kobune.Api.ApiRegistration.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Api.Rbac.V1;
using Kobune.ApiServer;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Certificates;
using Kobune.ApiServer.Outbound;
using Kobune.Client;
using Kobune.ControlPlane;
using Kobune.ControlPlane.InProcess;
using Kobune.Node.MetricsServer;
using Kobune.Storage.Memory;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.Node.Tests;

/// <summary>The addon behind a real control plane: requests go through the aggregator to its HTTPS server on a loopback port. Only the kubelets are made up.</summary>
public sealed class MetricsAddonTests : IAsyncLifetime
{
    private const string Metrics = "/apis/metrics.k8s.io/v1beta1";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly NodeConfig Config = new() { Profile = "test", NodeName = "n1", NodeIP = "192.168.49.2", ServerUrl = "https://192.168.49.2:8443" };

    private readonly MemoryStore _store = new();
    private readonly ClusterCertificates _certificates = ClusterCertificates.CreateOrLoad(new(), TimeProvider.System);
    private readonly CancellationTokenSource _stop = new();
    private ControlPlaneHost _host = null!;
    private Kobune.Addons.Switching.AddonPart _part = null!;
    private Task _running = Task.CompletedTask;
    private int _reading;

    private IClient Admin => _host.Clients.For(InProcessClients.Administrator);

    public async ValueTask InitializeAsync()
    {
        _host = await ControlPlaneHost.StartAsync(new ControlPlaneOptions { Store = _store, Certificates = _certificates, Outbound = new Loopback(_certificates), RunScheduler = false }, default);
        foreach (var (name, zone) in new[] { ("n1", "a"), ("n2", "b") })
        {
            await Admin.CreateAsync(new Api.Core.V1.Node { Metadata = new() { Name = name, Labels = new Dictionary<string, string> { ["zone"] = zone } } }, default);
        }

        await UntilAsync("the service account of pods", () => ExistsAsync<ServiceAccount>("default", "default"));
        foreach (var name in new[] { "web", "db" })
        {
            var pod = await Admin.CreateAsync(
                new Pod { Metadata = new() { Name = name, Namespace = "default", Labels = new Dictionary<string, string> { ["app"] = name } }, Spec = new() { NodeName = "n1", Containers = [new() { Name = "c", Image = "i" }] } }, default);
            await Admin.UpdateStatusAsync(pod with { Status = pod.Status with { Phase = "Running" } }, default);
        }

        _part = MetricsAddon.Part(Config, _certificates.Authority.Certificate, _host.Clients, TimeProvider.System, NullLoggerFactory.Instance, o => o with
        {
            Listen = new(IPAddress.Loopback, 0),
            Resolution = TimeSpan.FromMilliseconds(50),
            Scrape = (node, _) => Task.FromResult(Text(node.Metadata.Name)),
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAny(_running);
        await _host.DisposeAsync();
        await _store.DisposeAsync();
        _certificates.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task Nodes_and_pods_are_served_through_the_aggregator()
    {
        Start();
        await AvailableAsync("True", "Passed");
        await UntilAsync("two nodes", async () => (await GetAsync($"{Metrics}/nodes")).Body["items"] is JsonArray { Count: 2 });
        var nodes = (await GetAsync($"{Metrics}/nodes")).Body;
        Assert.Equal(("NodeMetricsList", "metrics.k8s.io/v1beta1"), ((string?)nodes["kind"], (string?)nodes["apiVersion"]));
        var node = nodes["items"]![0]!;
        Assert.Equal(("n1", "a", "1", "20Mi"), ((string?)node["metadata"]!["name"], (string?)node["metadata"]!["labels"]!["zone"], (string?)node["usage"]!["cpu"], (string?)node["usage"]!["memory"]));
        Assert.Equal("1s", (string?)node["window"]);
        Assert.Equal(["n2"], await NamesAsync($"{Metrics}/nodes?labelSelector=zone%3Db"));
        Assert.Equal(["db", "web"], await NamesAsync($"{Metrics}/pods"));
        Assert.Equal(["web"], await NamesAsync($"{Metrics}/namespaces/default/pods?labelSelector=app%3Dweb"));
        Assert.Empty(await NamesAsync($"{Metrics}/namespaces/kube-system/pods"));
        var pod = (await GetAsync($"{Metrics}/namespaces/default/pods/web")).Body;
        Assert.Equal(("PodMetrics", "c", "250m", "4Mi"), ((string?)pod["kind"], (string?)pod["containers"]![0]!["name"], (string?)pod["containers"]![0]!["usage"]!["cpu"], (string?)pod["containers"]![0]!["usage"]!["memory"]));

        var table = (await GetAsync($"{Metrics}/namespaces/default/pods", accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json")).Body;
        Assert.Equal(["Name", "cpu", "memory", "Window"], ((JsonArray)table["columnDefinitions"]!).Select(c => (string?)c!["name"]));
        Assert.Equal(["db", "250m", "4Mi", "1s"], ((JsonArray)table["rows"]![0]!["cells"]!).Select(c => (string?)c));
        Assert.Equal(("meta.k8s.io/v1", "PartialObjectMetadata"), ((string?)table["apiVersion"], (string?)table["rows"]![0]!["object"]!["kind"]));

        var missing = await GetAsync($"{Metrics}/namespaces/default/pods/gone");
        Assert.Equal((404, "pods \"gone\" not found"), (missing.Code, (string?)missing.Body["message"]));
        Assert.Equal(400, (await GetAsync($"{Metrics}/pods?labelSelector=a%20in")).Code);
        Assert.Equal(405, (await GetAsync($"{Metrics}/nodes/n1", method: "DELETE")).Code);
        Assert.Equal(["get", "list"], ((JsonArray)(await GetAsync(Metrics)).Body["resources"]![0]!["verbs"]!).Select(v => (string?)v));
        Assert.NotNull((await GetAsync("/openapi/v3/apis/metrics.k8s.io/v1beta1")).Body["components"]!["schemas"]!["io.k8s.metrics.pkg.apis.metrics.v1beta1.PodMetrics"]);
        Assert.DoesNotContain(_host.Denied.Items, d => d.User.Contains("metrics", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_may_view_may_read_metrics_of_pods_and_others_may_not()
    {
        Start();
        await AvailableAsync("True", "Passed");
        var jane = UserInfo.Of("jane");
        Assert.Equal((403, "pods.metrics.k8s.io is forbidden: User \"jane\" cannot list resource \"pods\" in API group \"metrics.k8s.io\" in the namespace \"default\""), await MessageAsync(jane));
        await Admin.CreateAsync(
            new RoleBinding { Metadata = new() { Name = "jane", Namespace = "default" }, RoleRef = new() { APIGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = "view" }, Subjects = [new() { Kind = "User", APIGroup = "rbac.authorization.k8s.io", Name = "jane" }] }, default);
        await UntilAsync("view has the rule", async () => (await GetAsync($"{Metrics}/namespaces/default/pods", jane)).Code == 200);
    }

    [Fact]
    public async Task The_server_itself_believes_nobody_but_the_front_proxy()
    {
        Start();
        await AvailableAsync("True", "Passed");
        var slice = await Admin.GetAsync<EndpointSlice>("kube-system", "metrics-server-kobune", default);
        using var handler = new SocketsHttpHandler { SslOptions = new() { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null, ClientCertificates = [_certificates.IssueClient("front-proxy-client", "system:masters").Load()] } };
        using var http = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://127.0.0.1:{slice.Ports[0].Port}{Metrics}/nodes");
        request.Headers.Add("X-Remote-User", "admin");
        request.Headers.Add("X-Remote-Group", "system:masters");
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode); // right name, but of the authority of clients
    }

    [Fact]
    public async Task At_its_own_door_a_token_of_the_cluster_counts()
    {
        Start();
        await AvailableAsync("True", "Passed");
        var port = (await Admin.GetAsync<EndpointSlice>("kube-system", "metrics-server-kobune", default)).Ports[0].Port;
        using var handler = new SocketsHttpHandler { SslOptions = new() { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null } };
        using var http = new HttpClient(handler);
        async Task<(HttpStatusCode Code, string Text)> AskAsync(string? token)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"https://127.0.0.1:{port}{Metrics}/nodes");
            request.Headers.Authorization = token is null ? null : new("Bearer", token);
            using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        var (none, words) = await AskAsync(null);
        Assert.Equal(HttpStatusCode.Forbidden, none);
        Assert.Contains("User \\u0022system:anonymous\\u0022 cannot list resource \\u0022nodes\\u0022", words, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync("no.such.token")).Code);
        await Admin.CreateAsync(new ServiceAccount { Metadata = new() { Name = "reader", Namespace = "default" } }, default);
        var made = await _host.Server.InProcess.SendAsync(
            new InProcessRequest(UserInfo.Of("root", "system:masters"), "POST", "/api/v1/namespaces/default/serviceaccounts/reader/token", """{"kind":"TokenRequest","apiVersion":"authentication.k8s.io/v1"}"""u8.ToArray(), "application/json"), default);
        var token = (string)JsonNode.Parse(made.Body.Json.Span)!["status"]!["token"]!;
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(token)).Code);
        await Admin.CreateAsync(
            new ClusterRoleBinding { Metadata = new() { Name = "reader" }, RoleRef = new() { APIGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = "system:aggregated-metrics-reader" }, Subjects = [new() { Kind = "ServiceAccount", Namespace = "default", Name = "reader" }] }, default);
        await UntilAsync("the token may read", async () => (await AskAsync(token)).Code == HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_users_own_metrics_server_comes_first_and_ours_returns_after_it()
    {
        Start();
        await AvailableAsync("True", "Passed");
        await Admin.PatchAsync<Service>("kube-system", "metrics-server", Patch.Merge(new JsonObject { ["spec"] = new JsonObject { ["selector"] = new JsonObject { ["k8s-app"] = "metrics-server" } } }), null, default);
        await UntilAsync("our slice goes", async () => !await ExistsAsync<EndpointSlice>("kube-system", "metrics-server-kobune"));
        await AvailableAsync("False", null);
        await _part.Remove!(default);
        Assert.True(await ExistsAsync<APIService>("", "v1beta1.metrics.k8s.io"));
        Assert.True(await ExistsAsync<Service>("kube-system", "metrics-server"));
        await Admin.DeleteAsync<Service>("kube-system", "metrics-server", null, default);
        await AvailableAsync("True", "Passed");
    }

    [Fact]
    public async Task Switched_off_it_leaves_nothing_and_a_namespace_can_go_while_it_does_not_answer()
    {
        Start();
        await AvailableAsync("True", "Passed");
        await _stop.CancelAsync();
        await Task.WhenAny(_running);
        await Admin.DeleteAsync<EndpointSlice>("kube-system", "metrics-server-kobune", null, default);
        await AvailableAsync("False", "EndpointsNotFound");
        await Admin.CreateAsync(new Namespace { Metadata = new() { Name = "going" } }, default);
        await Admin.DeleteAsync<Namespace>("", "going", null, default);
        await UntilAsync("the condition of the namespace", async () => !await ExistsAsync<Namespace>("", "going")
            || (await Admin.GetAsync<Namespace>("", "going", default)).Status.Conditions.Any(c => c is { Type: "NamespaceDeletionDiscoveryFailure", Status: "True" }));

        await _part.Remove!(default);
        await _part.Remove!(default);
        await UntilAsync("the namespace goes", async () => !await ExistsAsync<Namespace>("", "going"));
        Assert.False(await ExistsAsync<APIService>("", "v1beta1.metrics.k8s.io"));
        Assert.False(await ExistsAsync<Service>("kube-system", "metrics-server"));
        Assert.False(await ExistsAsync<ClusterRole>("", "system:metrics-server"));
        await UntilAsync("the group goes", async () => (await GetAsync("/apis/metrics.k8s.io")).Code == 404);
    }

    /// <summary>Each reading is a second later: n1 uses one core, the containers a quarter of one.</summary>
    private string Text(string node)
    {
        var second = node == "n1" ? Interlocked.Increment(ref _reading) : Volatile.Read(ref _reading);
        var at = (1767225600L + second) * 1000;
        string Container(string pod) => string.Create(CultureInfo.InvariantCulture, $"container_cpu_usage_seconds_total{{container=\"c\",namespace=\"default\",pod=\"{pod}\"}} {second * 0.25} {at}\ncontainer_memory_working_set_bytes{{container=\"c\",namespace=\"default\",pod=\"{pod}\"}} 4194304 {at}\n");
        var own = string.Create(CultureInfo.InvariantCulture, $"node_cpu_usage_seconds_total {second} {at}\nnode_memory_working_set_bytes 20971520 {at}\n");
        return node == "n1" ? own + Container("web") + Container("db") : own;
    }

    private void Start() => _running = _part.Start("").Single().RunAsync(_stop.Token);

    private async Task<(int Code, JsonObject Body)> GetAsync(string path, UserInfo? user = null, string? accept = null, string method = "GET")
    {
        var answer = await _host.Server.InProcess.SendAsync(new InProcessRequest(user ?? UserInfo.Of("root", "system:masters"), method, path) { Accept = accept }, TestContext.Current.CancellationToken);
        return (answer.StatusCode, (JsonObject)JsonNode.Parse(answer.Body.Json.Span)!);
    }

    private async Task<(int, string?)> MessageAsync(UserInfo user)
    {
        var (code, body) = await GetAsync($"{Metrics}/namespaces/default/pods", user);
        return (code, (string?)body["message"]);
    }

    private async Task<string[]> NamesAsync(string path) => [.. ((JsonArray)(await GetAsync(path)).Body["items"]!).Select(i => (string)i!["metadata"]!["name"]!)];

    private Task AvailableAsync(string status, string? reason) => UntilAsync($"Available={status} {reason}", async () =>
        await ExistsAsync<APIService>("", "v1beta1.metrics.k8s.io")
        && (await Admin.GetAsync<APIService>("", "v1beta1.metrics.k8s.io", default)).Status.Conditions.Any(c => c.Status == status && (reason is null || c.Reason == reason)));

    private async Task<bool> ExistsAsync<T>(string ns, string name)
        where T : class, Api.IKubernetesObject<T>
    {
        try
        {
            return await Admin.GetAsync<T>(ns, name, default) is not null;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return false;
        }
    }

    private string Condition() =>
        string.Join(", ", _host.Server.Objects.Find<APIService>("", "v1beta1.metrics.k8s.io")?.Status.Conditions.Select(c => $"{c.Status} {c.Reason} {c.Message}") ?? ["no APIService"]);

    private async Task UntilAsync(string what, Func<Task<bool>> good)
    {
        using var timeout = new CancellationTokenSource(Patience);
        while (!await good())
        {
            Assert.False(timeout.IsCancellationRequested, $"{what} did not come; condition: {Condition()}; the addon: {_running.Status} {_running.Exception}; denied: {string.Join("; ", _host.Denied.Items)}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }

    /// <summary>The node's address stands for this host's loopback: no test may need another.</summary>
    private sealed class Loopback(ClusterCertificates certificates) : IOutboundConnector, IDisposable
    {
        private readonly HttpMessageInvoker _invoker = new(new SocketsHttpHandler
        {
            UseProxy = false,
            RequestHeaderEncodingSelector = static (name, _) => RepeatedHeader.EncodingFor(name),
            SslOptions = new() { LocalCertificateSelectionCallback = (_, _, _, _, _) => certificates.FrontProxyClientCertificate, RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null },
        });

        public void Dispose() => _invoker.Dispose();

        public ValueTask<(HttpMessageInvoker Invoker, Uri BaseAddress)> ConnectAsync(OutboundTarget target, CancellationToken ct)
        {
            Assert.Equal((OutboundPurpose.ApiService, "192.168.49.2"), (target.Purpose, target.Host));
            return new((_invoker, new UriBuilder("https", "127.0.0.1", target.Port).Uri));
        }
    }
}
