using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Kobune.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Kobune.Addons.Metrics;

/// <summary>
/// The addon metrics-server: metrics.k8s.io/v1beta1 over HTTPS, made of what the kubelets tell. It is an aggregated API server: whoever runs it keeps the APIService,
/// the Service and the slice that lead to <see cref="Listening"/>. Behaves as metrics-server 0.7.
/// </summary>
public sealed partial class MetricsServerComponent : IComponent
{
    private readonly MetricsServerOptions _options;
    private readonly MetricScraper _scraper;
    private readonly MetricsApi _api;
    private readonly RequestGate _gate;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource<IPEndPoint> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Nothing is bound before <see cref="RunAsync"/>.</summary>
    /// <param name="options">Its settings.</param>
    /// <param name="client">Of system:serviceaccount:kube-system:metrics-server.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where the log goes.</param>
    public MetricsServerComponent(MetricsServerOptions options, IClient client, TimeProvider time, ILoggerFactory loggers)
    {
        _options = options;
        _time = time;
        _logger = loggers.CreateLogger("Kobune.Addons.Metrics");
        _scraper = new(client, options, time, _logger);
        _api = new(client, _scraper, time);
        _gate = new(client, time);
    }

    /// <inheritdoc/>
    public string Name => "metrics-server";

    /// <summary>Where it listens, once it does.</summary>
    public Task<IPEndPoint> Listening => _listening.Task;

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken ct)
    {
        using var certificate = Certificate(_time.GetUtcNow());
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(_options.Listen, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(new HttpsConnectionAdapterOptions
                {
                    ServerCertificate = certificate,
                    ClientCertificateMode = ClientCertificateMode.AllowCertificate,
                    ClientCertificateValidation = (_, _, _) => true, // judged by the gate, which answers 401 in words
                    CheckCertificateRevocation = false,
                });
            });
        });
        await using var app = builder.Build();
        app.Run(HandleAsync);
        await app.StartAsync(ct);
        var port = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
        _listening.TrySetResult(new(_options.Listen.Address, port));
        try
        {
            await _scraper.RunAsync(ct);
        }
        finally
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1), _time);
            await app.StopAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Self-made at each start, as metrics-server's own: its APIService skips the verification.</summary>
    private static X509Certificate2 Certificate(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=metrics-server.kube-system.svc", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("metrics-server.kube-system.svc");
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(now.AddHours(-1), now.AddYears(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    private async Task HandleAsync(HttpContext context)
    {
        var ct = context.RequestAborted;
        try
        {
            var path = context.Request.Path.Value ?? "/";
            var resource = MetricsApi.ResourceOf(path);
            if (await _gate.RefusalAsync(context, resource, ct) is var (refused, reason, message))
            {
                await WriteAsync(context, MetricsApi.Failure(refused, reason, message), ct);
            }
            else if (path is "/healthz" or "/livez" or "/readyz")
            {
                context.Response.StatusCode = path != "/readyz" || _scraper.HasRun ? 200 : 500;
                await context.Response.WriteAsync(context.Response.StatusCode == 200 ? "ok" : "[-]metric-storage-ready failed: no metrics to serve\n", ct);
            }
            else
            {
                await WriteAsync(context, await _api.AnswerAsync(context.Request, resource, ct), ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // the client went
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            LogFault(context.Request.Path, e);
            await WriteAsync(context, MetricsApi.Failure(500, "InternalError", "Internal error occurred: " + e.Message), ct);
        }
    }

    private static Task WriteAsync(HttpContext context, (int Code, System.Text.Json.Nodes.JsonObject Body) answer, CancellationToken ct)
    {
        context.Response.StatusCode = answer.Code;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(answer.Body.ToJsonString(), ct);
    }

    [LoggerMessage(LogLevel.Error, "Request {Path} failed")]
    private partial void LogFault(string path, Exception exception);
}
