using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.Kubelet.Tests.Api;
using Microsoft.Extensions.Logging;

namespace Kobune.Kubelet.Tests.Node;

/// <summary>A kubelet on a private containerd, with an API of its own. It can be stopped and started again over the same containers.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly ContainerdFixture _containerd;
    private readonly X509Certificate2 _authority;
    private readonly X509Certificate2 _certificate;
    private readonly TestLog _log = new();
    private CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    internal TestNode(ContainerdFixture containerd)
    {
        _containerd = containerd;
        Root = $"{containerd.Root}/{Guid.NewGuid().ToString("N")[..6]}";
        Client = new KubernetesClient(Api, TimeProvider.System);
        (_authority, _certificate, ClientCertificate) = Certificates();
    }

    internal TestApi Api { get; } = new();

    internal KubernetesClient Client { get; }

    internal X509Certificate2 ClientCertificate { get; }

    internal string Root { get; }

    internal string Name => "node-" + Path.GetFileName(Root);

    internal KubeletOptions Options => new()
    {
        NodeName = Name,
        NodeIP = "127.0.0.1",
        RuntimeSocket = _containerd.Socket,
        RootDirectory = Root + "/kubelet",
        PodLogsDirectory = Root + "/pods",
        ContainerLogsDirectory = Root + "/containers",
        ContentDirectory = _containerd.Root + "/lib/io.containerd.content.v1.content",
        StaticPodPath = Root + "/manifests",
        CgroupParent = _containerd.CgroupParent,
        ListenAddress = "127.0.0.1",
        Port = 0,
        ServingCertificate = _certificate,
        ClientCertificateAuthority = _authority,
        NodeStatusPeriod = TimeSpan.FromSeconds(1),
    };

    internal void Start()
    {
        _stop = new CancellationTokenSource();
        _running = Task.Run(() => RunAsync(_stop.Token));
    }

    internal async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    internal async Task<Pod> CreateAsync(Pod pod) => await Client.CreateAsync(pod with { Spec = pod.Spec with { NodeName = Name } }, CancellationToken.None);

    internal async Task<Pod> WaitAsync(string name, Func<Pod, bool> holds, string expected)
    {
        Pod? last = null;
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            await foreach (var change in Client.WatchAsync<Pod>("default", new() { FieldSelector = "metadata.name=" + name }, limit.Token))
            {
                last = change.Object;
                if (change.Type != "DELETED" && holds(last))
                {
                    return last;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Told below.
        }

        throw new TimeoutException($"""
            expected of pod {name}: {expected}
            last seen: {(last is null ? "nothing" : Kobune.Api.Json.JsonText.Of(last.Status))}
            events:
            {string.Join('\n', (await EventsAsync(name)).Select(e => $"{e.Reason}: {e.Message}"))}
            log:
            {_log}
            {_running.Status} {_running.Exception}
            """);
    }

    internal async Task WaitGoneAsync(string name)
    {
        using var limit = new CancellationTokenSource(Patience);
        await foreach (var change in Client.WatchAsync<Pod>("default", new() { FieldSelector = "metadata.name=" + name }, limit.Token))
        {
            if (change.Type == "DELETED")
            {
                return;
            }
        }
    }

    internal async Task<IReadOnlyList<Event>> EventsAsync(string pod) =>
        [.. (await Client.ListAsync<Event>("default", null, CancellationToken.None)).Items.Where(e => e.InvolvedObject.Name == pod)];

    internal async Task<HttpClient> HttpAsync()
    {
        var node = await Client.GetAsync<Kobune.Api.Core.V1.Node>("", Name, CancellationToken.None);
        var handler = new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { ClientCertificates = [ClientCertificate], RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.Issuer == _authority.Subject } };
        return new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{node.Status.DaemonEndpoints.KubeletEndpoint.Port}"), Timeout = Patience };
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _authority.Dispose();
        _certificate.Dispose();
        ClientCertificate.Dispose();
    }

    private async Task RunAsync(CancellationToken ct)
    {
        using var loggers = LoggerFactory.Create(b => b.AddProvider(_log));
        var informers = new InformerFactory(Client, TimeProvider.System, loggers);
        var caches = informers.RunAsync(ct);
        await new KubeletComponent(Client, informers, Options, TimeProvider.System, loggers).RunAsync(ct);
        await caches;
    }

    private static (X509Certificate2 Authority, X509Certificate2 Server, X509Certificate2 Client) Certificates()
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var authority = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
        return (authority, Issue(authority, "CN=system:node:test, O=system:nodes", "1.3.6.1.5.5.7.3.1", now), Issue(authority, "CN=kube-apiserver-kubelet-client, O=kubeadm:cluster-admins", "1.3.6.1.5.5.7.3.2", now));
    }

    private static X509Certificate2 Issue(X509Certificate2 authority, string subject, string usage, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        using var issued = request.Create(authority, now.AddHours(-1), now.AddHours(12), Guid.NewGuid().ToByteArray());
        using var joined = issued.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(joined.Export(X509ContentType.Pfx), null);
    }
}
