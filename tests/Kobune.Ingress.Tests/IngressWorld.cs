using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.Ingress.Routing;
using Kobune.Ingress.Serving;
using Kobune.Tests.Collections;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.Ingress.Tests;

/// <summary>The whole component over an API in memory, on ports of loopback, with a client that finds it by any host name.</summary>
internal sealed class IngressWorld : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly CancellationTokenSource _stop = new();
    private readonly InformerFactory _informers;
    private readonly IngressComponent _component;
    private readonly List<Task> _running = [];
    private readonly Lock _gate = new();
    private RoutingSnapshot? _latest;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private IngressWorld(TimeProvider time)
    {
        _informers = new(new KubernetesClient(Api, TimeProvider.System), TimeProvider.System, NullLoggerFactory.Instance);
        _component = new(
            new() { Http = [new(IPAddress.Loopback, 0)], Https = [new(IPAddress.Loopback, 0)], MinSyncPeriod = TimeSpan.Zero },
            new KubernetesClient(Api, TimeProvider.System),
            _informers,
            time,
            NullLoggerFactory.Instance);
        _component.Replaced += snapshot =>
        {
            lock (_gate)
            {
                (_latest, var waiting) = (snapshot, _changed);
                _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
                waiting.SetResult();
            }
        };
    }

    public CollectionTransport Api { get; } = new();

    public IngressServer Server { get; private set; } = null!;

    public HttpClient Client { get; private set; } = null!;

    /// <summary>The certificate of the last TLS handshake.</summary>
    public X509Certificate2? Shown { get; private set; }

    public static async Task<IngressWorld> StartAsync(TimeProvider? time = null, params IngressObject[] ingresses)
    {
        var world = new IngressWorld(time ?? TimeProvider.System);
        world.Api.Put(Objects.Class());
        Array.ForEach(ingresses, world.Api.Put);
        world._running.Add(world._informers.RunAsync(world._stop.Token));
        world._running.Add(world._component.RunAsync(world._stop.Token));
        world.Server = await world._component.Listening.WaitAsync(Patience);
        world.Client = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectCallback = async (context, ct) => await world.ConnectAsync(context.DnsEndPoint.Port, ct),
            SslOptions = new() { RemoteCertificateValidationCallback = (_, certificate, _, _) => world.Remember(certificate) },
        })
        { Timeout = Patience };
        return world;
    }

    /// <summary>A Service whose endpoints are these ports of loopback; in force when this returns.</summary>
    public Task ServeAsync(string service, params TestBackend[] backends) => ServeAsync(service, [.. backends.Select(b => b.Port)]);

    public async Task ServeAsync(string service, params int[] ports)
    {
        Api.Put(Objects.Service(service));
        for (var i = 0; i < 4; i++)
        {
            var name = $"{service}-{i}";
            if (i < ports.Length)
            {
                var slice = Objects.Slice(service, ports[i], "127.0.0.1");
                Api.Put(slice with { Metadata = slice.Metadata with { Name = name } });
            }
            else
            {
                Api.Remove<Kobune.Api.Discovery.V1.EndpointSlice>(Objects.Namespace, name);
            }
        }

        await UntilAsync(s => s.Hosts.Values.SelectMany(h => h.Locations).Any(l => l.Upstream?.Name == $"shop-{service}-80" && l.Upstream.Endpoints.Select(e => e.Port).Order().SequenceEqual(ports.Order())));
    }

    /// <summary>Waits for a routing table like this.</summary>
    public async Task UntilAsync(Func<RoutingSnapshot, bool> good)
    {
        using var timeout = new CancellationTokenSource(Patience);
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_latest is { } latest && good(latest))
                {
                    return;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(timeout.Token);
        }
    }

    public async Task<(HttpStatusCode Status, string Body)> GetAsync(string url)
    {
        using var answer = await Client.GetAsync(new Uri(url));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async Task<Stream> ConnectAsync(int port, CancellationToken ct)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(Server.Endpoints[port == 443 ? 1 : 0], ct);
        return new NetworkStream(socket, ownsSocket: true);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _stop.CancelAsync();
        foreach (var task in _running)
        {
            try
            {
                await task.WaitAsync(Patience);
            }
            catch (OperationCanceledException)
            {
                // asked to end
            }
        }

        _stop.Dispose();
    }

    private bool Remember(X509Certificate? certificate)
    {
        Shown = certificate is null ? null : X509CertificateLoader.LoadCertificate(certificate.Export(X509ContentType.Cert));
        return true;
    }
}
