using System.Net;
using Kobune.Client;
using Kobune.Kubelet.Nodes;
using Kobune.Kubelet.Pods;
using Kobune.Kubelet.Runtime;
using Kobune.Kubelet.Stats;
using Kobune.Kubelet.Volumes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Kobune.Kubelet.Server;

/// <summary>The kubelet's HTTPS server (kubelet/server/server.go). Every request but none is authenticated, and authorized by the API server.</summary>
internal sealed partial class KubeletServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly RequestGate _gate;
    private readonly LogEndpoint _logs;
    private readonly SystemLogEndpoint _systemLogs;
    private readonly StreamEndpoint _streams;
    private readonly InfoEndpoint _info;
    private readonly ILogger _logger;

    internal KubeletServer(
        KubeletOptions options, IClient client, PodWorkers workers, ICriRuntime runtime, ExecInputs inputs, RuntimeChanges changes, MachineFacts machine,
        PodFolders folders, TimeProvider time, ILoggerFactory loggers)
    {
        _logger = loggers.CreateLogger("Kobune.Kubelet.Server");
        _gate = new(client, options, time);
        _logs = new(workers, runtime, changes, folders, time);
        _streams = new(workers, runtime, inputs);
        _info = new(workers, new StatsCollector(workers, runtime, machine, options, time), machine, options, time);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null; // who follows a log may read slowly
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromHours(4);
            Listen(kestrel, options, options.ListenAddress);
            if (options.SecondNodeIP is { } second)
            {
                Listen(kestrel, options, second);
            }
        });
        _app = builder.Build();
        _systemLogs = new(options.SystemLogDirectory, _app.Environment, loggers);
        _app.Run(HandleAsync);
    }

    private static void Listen(KestrelServerOptions kestrel, KubeletOptions options, string address) => kestrel.Listen(IPAddress.Parse(address), options.Port, listen =>
    {
        listen.Protocols = HttpProtocols.Http1AndHttp2;
        listen.UseHttps(new HttpsConnectionAdapterOptions
        {
            ServerCertificate = options.ServingCertificate,
            ClientCertificateMode = ClientCertificateMode.AllowCertificate,
            ClientCertificateValidation = (_, _, _) => true, // judged by the gate, which answers 401 in words
            CheckCertificateRevocation = false,
        });
    });

    /// <summary>Returns the port that is listened on.</summary>
    internal async Task<int> StartAsync(CancellationToken ct)
    {
        await _app.StartAsync(ct);
        var address = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new Uri(address.Replace("*", "localhost", StringComparison.Ordinal).Replace("[::]", "localhost", StringComparison.Ordinal)).Port;
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _app.DisposeAsync();
        _systemLogs.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        try
        {
            if (await _gate.RefusalAsync(context) is { } refusal)
            {
                await TextAsync(context, refusal.Code, refusal.Message);
                return;
            }

            await RouteAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller left.
        }
        catch (Exception e)
        {
            LogFault(context.Request.Path, e);
            if (!context.Response.HasStarted)
            {
                await TextAsync(context, 500, e.Message);
            }
            else
            {
                context.Abort();
            }
        }
    }

    private Task RouteAsync(HttpContext context)
    {
        var parts = (context.Request.Path.Value ?? "").Trim('/').Split('/');
        return parts switch
        {
            ["healthz"] => TextAsync(context, 200, "ok"),
            ["healthz", "ping"] => TextAsync(context, 200, "ok"),
            ["logs", ..] => _systemLogs.HandleAsync(context),
            ["containerLogs", var ns, var pod, var container] => _logs.HandleAsync(context, ns, pod, container),
            ["exec", var ns, var pod, var container] => _streams.ExecAsync(context, ns, pod, "", container),
            ["exec", var ns, var pod, var uid, var container] => _streams.ExecAsync(context, ns, pod, uid, container),
            ["attach", var ns, var pod, var container] => _streams.AttachAsync(context, ns, pod, "", container),
            ["attach", var ns, var pod, var uid, var container] => _streams.AttachAsync(context, ns, pod, uid, container),
            ["portForward", var ns, var pod] => _streams.PortForwardAsync(context, ns, pod, ""),
            ["portForward", var ns, var pod, var uid] => _streams.PortForwardAsync(context, ns, pod, uid),
            ["run", var ns, var pod, var container] => _streams.RunAsync(context, ns, pod, "", container),
            ["run", var ns, var pod, var uid, var container] => _streams.RunAsync(context, ns, pod, uid, container),
            ["pods"] => _info.PodsAsync(context),
            ["runningpods"] => _info.RunningPodsAsync(context),
            ["stats", "summary"] => _info.SummaryAsync(context),
            ["metrics"] => _info.MetricsAsync(context),
            ["metrics", "resource"] => _info.ResourceMetricsAsync(context),
            ["metrics", "cadvisor"] => _info.CadvisorMetricsAsync(context),
            ["metrics", "probes"] => InfoEndpoint.ProbeMetricsAsync(context),
            _ => TextAsync(context, 404, "404 page not found\n"),
        };
    }

    internal static Task TextAsync(HttpContext context, int code, string text, string type = "text/plain; charset=utf-8")
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = type;
        return context.Response.WriteAsync(text, context.RequestAborted);
    }

    [LoggerMessage(LogLevel.Error, "Request {Path} failed")]
    private partial void LogFault(string path, Exception exception);
}
