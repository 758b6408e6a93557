using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Features;
using Kobune.Api.Meta.V1;
using Kobune.Api.Schema;
using Kobune.ApiServer;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Authorization.Rbac;
using Kobune.ApiServer.Registry;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.Storage.Memory;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.ControllerManager.Tests.Behaviour;

/// <summary>
/// A real API server in memory with upstream's policy and admission, all controllers under their own identities, and something that runs pods as
/// a kubelet would. When it is disposed it insists that no request of a controller was denied.
/// </summary>
internal sealed class TestCluster : IClientFactory, IAsyncDisposable
{
    public const string Authority = "-----BEGIN CERTIFICATE-----\n";
    private readonly CancellationTokenSource _stop = new();
    private readonly RecentLog _log = new();
    private readonly MemoryStore _store = new();
    private readonly RecordingAuthorizer _authorizer;
    private readonly ApiServerHost _host;
    private readonly InformerFactory _informers;
    private Task _running = Task.CompletedTask;

    private TestCluster(TimeProvider time, Func<KindStrategy, bool> strategies)
    {
        var objects = new ObjectReaderHandle();
        var rbac = new RbacAuthorizer(objects);
        var chain = new AuthorizerChain(rbac);
        _authorizer = new(chain, NullLogger<RecordingAuthorizer>.Instance);
        _host = new(new ApiServerOptions
        {
            Store = _store,
            Time = time,
            Authenticator = new AuthenticationChain([]),
            Authorizer = chain,
            RequestAuthorizer = _authorizer,
            Objects = objects,
            Strategies = [.. ApiServer.Kinds.BuiltInStrategies.All.Where(strategies)],
            Admission = AdmissionPlugins.Default(rbac, chain, TimeProvider.System),
        });
        Admin = new KubernetesClient(new InProcessTransport(_host.InProcess, UserInfo.Of("admin", "system:masters")), TimeProvider.System);
        _informers = new(Admin, TimeProvider.System, NullLoggerFactory.Instance);
    }

    public IClient Admin { get; }

    /// <summary>What APIs of metrics answer to a path and query; null for an answer of the server.</summary>
    public Func<string, string?>? Metrics { get; set; }

    public static async Task<TestCluster> StartAsync(ControllerManagerOptions? options = null, TimeProvider? time = null, Func<KindStrategy, bool>? strategies = null)
    {
        time ??= TimeProvider.System;
        options ??= new ControllerManagerOptions { RootCertificateAuthority = Authority };
        if (options.NodeMonitorGracePeriod == new ControllerManagerOptions().NodeMonitorGracePeriod)
        {
            // Nobody sends heartbeats here: on a slow machine nodes would go down under a test.
            options = options with { NodeMonitorGracePeriod = TimeSpan.FromHours(1), NodeStartupGracePeriod = TimeSpan.FromHours(1) };
        }

        var cluster = new TestCluster(time, strategies ?? (_ => true));
        await cluster._host.StartAsync(default);
        await cluster.BootstrapAsync();
        var pods = cluster._informers.For<Pod>();
        var manager = new ControllerManagerComponent(cluster, options, time, cluster._log);
        var runner = new PodRunner(pods, cluster.Admin);
        cluster._running = Task.WhenAll(
            Task.Run(() => manager.RunAsync(cluster._stop.Token)),
            Task.Run(() => cluster._informers.RunAsync(cluster._stop.Token)),
            Task.Run(() => runner.RunAsync(cluster._stop.Token)));
        await cluster.Sees<ServiceAccount>("default", "the default service account", all => all.Any(a => a.Metadata.Name == "default"));
        return cluster;
    }

    public IClient For(string identity)
    {
        var parts = identity.Split(':');
        var user = parts is ["system", "serviceaccount", var ns, var name] ? UserInfo.OfServiceAccount(ns, name) : UserInfo.Of(identity);
        return new KubernetesClient(new InProcessTransport(_host.InProcess, user, path => Metrics?.Invoke(path)), TimeProvider.System);
    }

    /// <summary>Creates an object of a kind that has no record; returns its UID.</summary>
    public async Task<string> PostAsync(string path, string json)
    {
        var response = await Admin.Transport.SendAsync(new("POST", path, System.Text.Encoding.UTF8.GetBytes(json)), default);
        Assert.Equal(201, response.StatusCode);
        return response.Body.Read<PartialObjectMetadata>().Metadata.Uid;
    }

    /// <summary>Waits until the objects of a namespace look as expected; a time-out says what was last seen.</summary>
    public async Task<IReadOnlyList<T>> Sees<T>(string ns, string expected, Func<IReadOnlyList<T>, bool> holds)
        where T : class, IKubernetesObject<T>
    {
        var informer = _informers.For<T>();
        var seen = new TaskCompletionSource<IReadOnlyList<T>>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            var all = informer.Cache.List(ns);
            if (informer.HasSynced && holds(all))
            {
                seen.TrySetResult(all);
            }
        }

        using var subscription = informer.Subscribe(_ => Look());
        await informer.Synced.Happens($"a list of {T.Resource.Plural}");
        Look();
        try
        {
            return await seen.Task.WaitAsync(TimeSpan.FromSeconds(60));
        }
        catch (TimeoutException)
        {
            var live = (await Admin.ListAsync<T>(ns, null, default)).Items;
            throw new TimeoutException($"Expected {expected}; last seen of {T.Resource.Plural}: {Brief(informer.Cache.List(ns))}; the server has {Brief(live)}; denied: {string.Join(", ", _authorizer.Items)}; log:\n{_log}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.Happens("the controllers have ended");
        await _host.DisposeAsync();
        await _store.DisposeAsync();
        _stop.Dispose();
        Assert.Empty(_authorizer.Items);
    }

    private static string Brief<T>(IReadOnlyList<T> objects)
        where T : class, IKubernetesObject<T> =>
        "[" + string.Join(", ", objects.Select(o => o.WithMetadata(o.Metadata with { ManagedFields = [] }))) + "]";

    private async Task BootstrapAsync()
    {
        foreach (var obj in BootstrapPolicy.Plan(_host.Objects, FeatureGates.Default(KubernetesVersion.Newest)))
        {
            await (obj switch
            {
                Api.Rbac.V1.ClusterRole o => Admin.CreateAsync(o, default),
                Api.Rbac.V1.ClusterRoleBinding o => Admin.CreateAsync(o, default),
                Api.Rbac.V1.Role o => Admin.CreateAsync(o, default),
                Api.Rbac.V1.RoleBinding o => (Task)Admin.CreateAsync(o, default),
                _ => throw new InvalidOperationException(obj.Kind),
            });
        }

        await Admin.CreateAsync(new Node { Metadata = new ObjectMeta { Name = PodRunner.NodeName } }, default);
        var node = await Admin.GetAsync<Node>("", PodRunner.NodeName, default);
        await Admin.UpdateStatusAsync(node with { Status = new NodeStatus { Conditions = [new NodeCondition { Type = "Ready", Status = "True", Reason = "KubeletReady" }] } }, default);
    }
}
