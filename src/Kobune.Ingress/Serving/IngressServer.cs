using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Text;
using Kobune.Ingress.Certificates;
using Kobune.Ingress.Forwarding;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Kobune.Ingress.Serving;

/// <summary>The data plane: Kestrel on the node's ports, one routing state, one forwarder. Limits are nginx' defaults as ingress-nginx sets them.</summary>
internal sealed class IngressServer : IAsyncDisposable
{
    /// <summary>How long requests under way may go on when the server stops.</summary>
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(10);
    private static readonly SslApplicationProtocol[] Protocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];
    private readonly IngressOptions _options;
    private readonly RoutingState _state;
    private readonly TimeProvider _time;
    private readonly ProxyForwarder _forwarder;
    private readonly IngressApplication _application;
    private readonly WebApplication _services;
    private readonly IServer _server;

    public IngressServer(IngressOptions options, RoutingState state, ServerCertificate defaultCertificate, TimeProvider time, ILoggerFactory loggers)
    {
        (_options, _state, _time, DefaultCertificate) = (options, state, time, defaultCertificate);
        _forwarder = new(time, loggers.CreateLogger("Kobune.Ingress.Forwarding"));
        _application = new(state, _forwarder, loggers.CreateLogger("Kobune.Ingress.Serving"));
        // The host is built for Kestrel's services alone; it is never started: the server runs our application, not its pipeline.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(Configure);
        _services = builder.Build();
        _server = _services.Services.GetRequiredService<IServer>();
    }

    /// <summary>For clients whose server name is nobody's; replaced when its Secret changes.</summary>
    public ServerCertificate DefaultCertificate { get; set; }

    /// <summary>What is listened on, HTTP first, with the ports that the system chose.</summary>
    public IReadOnlyList<IPEndPoint> Endpoints { get; private set; } = [];

    public async Task StartAsync(CancellationToken ct)
    {
        await _server.StartAsync(_application, ct);
        var bound = _server.Features.Get<IServerAddressesFeature>()!.Addresses.Select(a => new Uri(a).Port).ToArray();
        Endpoints = [.. _options.Http.Concat(_options.Https).Select((e, i) => new IPEndPoint(e.Address, bound[i]))];
    }

    /// <summary>Takes no new connection, lets the requests under way end, then closes.</summary>
    public async ValueTask DisposeAsync()
    {
        using (var patience = new CancellationTokenSource(DrainTime, _time))
        {
            await _server.StopAsync(patience.Token);
        }

        await _services.DisposeAsync();
        _forwarder.Dispose();
    }

    private void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.RequestHeaderEncodingSelector = static _ => Encoding.Latin1;
        kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;
        kestrel.Limits.MaxRequestBodySize = null; // each location has a limit of its own
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(75);
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(60);
        kestrel.Limits.MaxRequestLineSize = 8 * 1024;
        kestrel.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
        kestrel.Limits.Http2.MaxStreamsPerConnection = 128;
        foreach (var endpoint in _options.Http)
        {
            kestrel.Listen(endpoint, listen => listen.Protocols = HttpProtocols.Http1);
        }

        foreach (var endpoint in _options.Https)
        {
            kestrel.Listen(endpoint, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = hello => ValueTask.FromResult(TlsFor(hello.ClientHelloInfo.ServerName)) });
            });
        }
    }

    private SslServerAuthenticationOptions TlsFor(string? serverName) => new()
    {
        ServerCertificateContext = (_state.Current.CertificateFor(serverName) ?? DefaultCertificate).Context,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = [.. Protocols],
        ClientCertificateRequired = false,
        AllowRenegotiation = false,
    };
}
