using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.ApiServer.Certificates;
using Kobune.Client;
using Kobune.Storage.Memory;

namespace Kobune.ControlPlane.Tests.Hosting;

/// <summary>The ports of scheduler and controller manager: who may ask them what, and what they tell.</summary>
public sealed class ComponentPortTests : IAsyncLifetime
{
    private readonly MemoryStore _store = new();
    private readonly ClusterCertificates _certificates = ClusterCertificates.CreateOrLoad(new(), TimeProvider.System);
    private readonly IPEndPoint _controllers = FreePort();
    private readonly IPEndPoint _scheduler = FreePort();
    private ControlPlaneHost _host = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await ControlPlaneHost.StartAsync(
        new() { Store = _store, Certificates = _certificates, ControllersPort = _controllers, SchedulerPort = _scheduler, Advertise = new(IPAddress.Parse("192.168.49.2"), 8443) }, default);

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _store.DisposeAsync();
        _certificates.Dispose();
    }

    [Fact]
    public async Task Health_is_told_to_everybody_and_the_rest_to_who_may_ask_the_api_server_for_it()
    {
        using var anonymous = Client(null);
        foreach (var path in new[] { "/healthz", "/livez", "/readyz" })
        {
            Assert.Equal((200, "ok"), await AskAsync(anonymous, _scheduler, path));
        }

        Assert.Equal((200, "[+]ping ok\n[+]kube-scheduler ok\nlivez check passed\n"), await AskAsync(anonymous, _scheduler, "/livez?verbose"));
        Assert.Equal((403, "forbidden: User \"system:anonymous\" cannot get path \"/metrics\""), await RefusedAsync(anonymous, "/metrics"));
        Assert.Equal((403, "forbidden: User \"system:anonymous\" cannot get path \"/healthz/ping\""), await RefusedAsync(anonymous, "/healthz/ping"));
        using var nobody = Client(("nobody", "nobodies"));
        Assert.Equal((403, "forbidden: User \"nobody\" cannot get path \"/metrics\""), await RefusedAsync(nobody, "/metrics"));
        using var monitor = Client(("m", "system:monitoring"));
        Assert.Equal(200, (await AskAsync(monitor, _scheduler, "/metrics")).Code);
        using var admin = Client(("root", "system:masters"));
        Assert.Equal((200, "ok"), await AskAsync(admin, _controllers, "/healthz/kube-controller-manager"));
        Assert.Equal((200, "ok"), await AskAsync(admin, _controllers, "/healthz/deployment-controller"));
        var each = (await AskAsync(admin, _controllers, "/healthz?verbose")).Body;
        Assert.StartsWith("[+]ping ok\n[+]kube-controller-manager ok\n[+]serviceaccount-token-controller ok\n", each, StringComparison.Ordinal);
        Assert.Contains("[+]garbage-collector-controller ok\n", each, StringComparison.Ordinal);
        Assert.DoesNotContain("storage-version-migrator-controller", each, StringComparison.Ordinal); // its gate is off
        Assert.Equal(404, (await RefusedAsync(admin, "/api/v1/pods")).Code);
        Assert.Equal(405, (int)(await admin.PostAsync(new Uri($"https://{_scheduler}/metrics"), null, Ct)).StatusCode);
        anonymous.DefaultRequestHeaders.Authorization = new("Bearer", "no.such.token");
        Assert.Equal((401, "Unauthorized"), await RefusedAsync(anonymous, "/metrics"));
    }

    [Fact]
    public async Task A_token_counts_here_as_it_does_at_the_api_server()
    {
        var client = _host.Clients.For(InProcess.InProcessClients.Administrator);
        await client.CreateAsync(new ServiceAccount { Metadata = new ObjectMeta { Namespace = "kube-system", Name = "scraper" } }, Ct);
        using var http = Client(null);
        var request = new ApiServer.InProcessRequest(ApiServer.Authentication.UserInfo.Of("root", "system:masters"), "POST", "/api/v1/namespaces/kube-system/serviceaccounts/scraper/token", "{}"u8.ToArray());
        var token = (string)JsonNode.Parse((await _host.Server.InProcess.SendAsync(request, Ct)).Body.Json.Span)!["status"]!["token"]!;
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        Assert.Equal((403, "forbidden: User \"system:serviceaccount:kube-system:scraper\" cannot get path \"/metrics\""), await RefusedAsync(http, "/metrics"));
        await client.CreateAsync(
            new Api.Rbac.V1.ClusterRoleBinding
            {
                Metadata = new ObjectMeta { Name = "scraper" },
                RoleRef = new() { APIGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = "system:monitoring" },
                Subjects = [new() { Kind = "ServiceAccount", Namespace = "kube-system", Name = "scraper" }],
            },
            Ct);
        await UntilAsync(http, _scheduler, "# TYPE scheduler_pending_pods gauge\n");
    }

    [Fact]
    public async Task What_the_components_do_is_counted_under_upstreams_names()
    {
        var client = _host.Clients.For(InProcess.InProcessClients.Administrator);
        var labels = new Dictionary<string, string> { ["a"] = "b" };
        await client.CreateAsync(
            new Deployment
            {
                Metadata = new ObjectMeta { Namespace = "default", Name = "web" },
                Spec = new()
                {
                    Selector = new() { MatchLabels = labels },
                    Template = new() { Metadata = new ObjectMeta { Labels = labels }, Spec = new() { Containers = [new() { Name = "c", Image = "i" }] } },
                },
            },
            Ct);
        using var admin = Client(("root", "system:masters"));
        await UntilAsync(admin, _scheduler, "scheduler_schedule_attempts_total{profile=\"default-scheduler\",result=\"unschedulable\"} ");
        await client.CreateAsync(new Node { Metadata = new ObjectMeta { Name = "n" }, Status = new() { Allocatable = new Dictionary<string, Api.Quantity> { ["pods"] = Api.Quantity.Parse("10") } } }, Ct);
        var scheduler = await UntilAsync(admin, _scheduler, "scheduler_schedule_attempts_total{profile=\"default-scheduler\",result=\"scheduled\"} 1\n");
        Assert.Matches("""(?m)^rest_client_requests_total\{code="201",host="192\.168\.49\.2:8443",method="POST"\} [1-9]""", scheduler);
        Assert.Contains("scheduler_pending_pods{queue=\"active\"} 0\n", scheduler, StringComparison.Ordinal);
        Assert.Contains("process_start_time_seconds ", scheduler, StringComparison.Ordinal);
        Assert.DoesNotContain("workqueue_", scheduler, StringComparison.Ordinal);
        var controllers = await UntilAsync(admin, _controllers, "workqueue_adds_total{name=\"deployment\"} ");
        Assert.Matches("""(?m)^workqueue_work_duration_seconds_count\{name="replicaset"\} [1-9]""", controllers);
        Assert.Contains("workqueue_depth{name=\"endpoint_slice\"} 0\n", controllers, StringComparison.Ordinal);
        Assert.Contains("node_collector_zone_size{zone=\"\"} 1\n", controllers, StringComparison.Ordinal);
        Assert.Contains("rest_client_request_duration_seconds_bucket{host=\"192.168.49.2:8443\",verb=\"POST\",le=\"60\"}", controllers, StringComparison.Ordinal);
        Assert.Matches("""(?m)^rest_client_request_size_bytes_bucket\{host="192\.168\.49\.2:8443",verb="GET",le="64"\} [1-9]""", controllers); // a request without a body
        Assert.Matches("""(?m)^rest_client_response_size_bytes_bucket\{host="192\.168\.49\.2:8443",verb="POST",le="16777216"\} [1-9]""", controllers);
        Assert.DoesNotContain("scheduler_", controllers, StringComparison.Ordinal);
        Assert.Contains("workqueue_depth{name=\"garbage_collector_attempt_to_delete\"} 0\n", controllers, StringComparison.Ordinal);
        Assert.Contains("workqueue_depth{name=\"garbage_collector_attempt_to_orphan\"} 0\n", controllers, StringComparison.Ordinal);
        Assert.Contains("# HELP garbagecollector_controller_resources_sync_error_total [ALPHA] Number of garbage collector resources sync errors\n", controllers, StringComparison.Ordinal);
        Assert.Contains("garbagecollector_controller_resources_sync_error_total 0\n", controllers, StringComparison.Ordinal);
        Assert.Contains("ttl_after_finished_controller_job_deletion_duration_seconds_bucket{le=\"0.1\"} 0\n", controllers, StringComparison.Ordinal);
        await UntilAsync(admin, _controllers, "root_ca_cert_publisher_sync_total{code=\"200\"} ");
    }

    private static IPEndPoint FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
    }

    private HttpClient Client((string Name, string Group)? user)
    {
        var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, certificate, _, _) => certificate!.Issuer == _certificates.Authority.Certificate.Subject };
        if (user is var (name, group))
        {
            handler.ClientCertificates.Add(_certificates.IssueClient(name, group).Load());
        }

        return new(handler);
    }

    /// <summary>A port opens a moment after the start.</summary>
    private static async Task<(int Code, string Body)> AskAsync(HttpClient http, IPEndPoint port, string path)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri($"https://{port}{path}"), Ct);
                return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Ct));
            }
            catch (HttpRequestException e) when (e.InnerException is SocketException && tries < 3000)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Ct);
            }
        }
    }

    private async Task<(int Code, string Message)> RefusedAsync(HttpClient http, string path)
    {
        var (code, body) = await AskAsync(http, _scheduler, path);
        return (code, (string)JsonNode.Parse(body)!["message"]!);
    }

    private static async Task<string> UntilAsync(HttpClient http, IPEndPoint port, string line)
    {
        for (var tries = 0; ; tries++)
        {
            var (_, text) = await AskAsync(http, port, "/metrics");
            if (text.Contains(line, StringComparison.Ordinal))
            {
                return text;
            }

            Assert.True(tries < 3000, $"{line} was never told; last:\n{text}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Ct);
        }
    }
}
