using System.Net;
using System.Text;
using Kobune.ApiServer.Metrics;
using Kobune.ApiServer.Pipeline;
using Kobune.ApiServer.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace Kobune.ApiServer.Http;

/// <summary>Kestrel with TLS and optional client certificates, without hosting, routing or MVC: each request becomes one <see cref="Requests.ApiCall"/>.</summary>
internal sealed class HttpsEdge : IAsyncDisposable
{
    private readonly IServer _server;
    private readonly WebApplication _services;
    private readonly CallApplication _application;
    private readonly ApiServerOptions _options;

    public HttpsEdge(ApiServerOptions options, ApiPipeline pipeline, ResultWriter writer, ApiMetrics metrics)
    {
        _options = options;
        _application = new(pipeline, writer, metrics, options.AnswersClients);
        // The host is built for Kestrel's services alone; it is never started: the server runs our application, not its pipeline.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(options.Loggers);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(Configure);
        _services = builder.Build();
        _server = _services.Services.GetRequiredService<IServer>();
    }

    public IReadOnlyList<IPEndPoint> Addresses { get; private set; } = [];

    public async Task StartAsync(CancellationToken ct)
    {
        await _server.StartAsync(_application, ct);
        var bound = _server.Features.Get<IServerAddressesFeature>()!.Addresses.Select(a => new Uri(a)).ToArray();
        Addresses = [.. _options.Listen.Select((endpoint, i) => new IPEndPoint(endpoint.Address, i < bound.Length ? bound[i].Port : endpoint.Port))];
    }

    public async ValueTask DisposeAsync()
    {
        _application.Stop();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2), _options.WireTime);
        await _server.StopAsync(patience.Token);
        await _services.DisposeAsync();
        _application.Dispose();
    }

    private void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.UTF8; // warnings are in the words of those who wrote policies
        kestrel.Limits.MaxRequestBodySize = null; // the body reader knows the limit and refuses in upstream's words
        kestrel.Limits.MinRequestBodyDataRate = null; // exec and port-forward are silent as long as they like
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(5);
        kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
        foreach (var endpoint in _options.Listen)
        {
            kestrel.Listen(endpoint, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(https =>
                {
                    https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                    https.AllowAnyClientCertificate(); // the authenticator verifies it: an unknown one is refused there, in upstream's words
                    https.CheckCertificateRevocation = false;
                    https.ServerCertificateSelector = (_, _) => _options.ServingCertificate!();
                });
            });
        }
    }

    /// <summary>Kestrel's application: context in, pipeline, answer out.</summary>
    private sealed class CallApplication(ApiPipeline pipeline, ResultWriter writer, ApiMetrics metrics, Task begin) : IHttpApplication<HttpContext>, IDisposable
    {
        private readonly CancellationTokenSource _stop = new();

        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }

        public async Task ProcessRequestAsync(HttpContext context)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stop.Token);
            var ct = either.Token;
            ApiCall? call = null;
            try
            {
                if (!begin.IsCompleted)
                {
                    await begin.WaitAsync(ct);
                }

                call = HttpCall.Of(context);
                var result = await pipeline.RunAsync(call, ct);
                await writer.WriteAsync(context, call, result, ct);
                metrics.Responded(call, context.Response.StatusCode, context.Response.ContentLength ?? 0);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                // the client went, or the server stops
            }
            catch (IOException)
            {
                // the client went while it was written to
            }
            finally
            {
                call?.Finish();
            }
        }

        public void Stop() => _stop.Cancel();

        public void Dispose() => _stop.Dispose();
    }
}
