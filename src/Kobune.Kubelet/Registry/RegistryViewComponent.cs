using System.Net;
using Kobune.Client;
using Kobune.Grpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Kobune.Kubelet.Registry;

/// <summary>
/// The read-only registry on the node's loopback: GET and HEAD of manifests and blobs (OCI distribution specification, pull). containerd asks it before
/// any registry (<see cref="RegistryHosts"/>), so that images built or loaded here run also with the pull policy Always and without a network.
/// </summary>
/// <param name="options">The runtime's socket and content.</param>
/// <param name="port">On 127.0.0.1.</param>
/// <param name="loggers">For failures.</param>
public sealed partial class RegistryViewComponent(KubeletOptions options, int port, ILoggerFactory loggers) : IComponent
{
    /// <summary>Where a node has it.</summary>
    public const int DefaultPort = 10055;

    private readonly ILogger _logger = loggers.CreateLogger("Kobune.Kubelet.Registry");

    /// <inheritdoc/>
    public string Name => "registry-view";

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken ct)
    {
        using var images = new ContainerdImages(options.RuntimeSocket, new LoadedNames(options.LoadedImagesFile, TimeProvider.System));
        await RunAsync(new RegistryView(images, new ContentStore(options.ContentDirectory)), null, ct);
    }

    /// <summary>Serves until cancelled.</summary>
    /// <param name="view">What is served.</param>
    /// <param name="listening">Hears the address once requests are taken.</param>
    internal async Task RunAsync(RegistryView view, Action<Uri>? listening, CancellationToken ct)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var app = builder.Build();
        await using var owned = app;
        app.Run(context => HandleAsync(view, context));
        await app.StartAsync(ct);
        listening?.Invoke(new(app.Urls.First()));
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
        }
        finally
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            await app.StopAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task HandleAsync(RegistryView view, HttpContext context)
    {
        context.Response.Headers["Docker-Distribution-Api-Version"] = "registry/2.0";
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            await FailAsync(context, StatusCodes.Status405MethodNotAllowed, "UNSUPPORTED", "this registry is read-only");
            return;
        }

        if (RegistryRequest.Parse(context.Request.Path.Value ?? "", context.Request.Query["ns"]) is not { } request)
        {
            await FailAsync(context, StatusCodes.Status404NotFound, "NAME_UNKNOWN", "no such path");
            return;
        }

        if (request.Resource == RegistryResource.Base)
        {
            context.Response.ContentType = "application/json";
            await WriteAsync(context, "{}");
            return;
        }

        try
        {
            if (await view.FindAsync(request, context.RequestAborted) is { } answer)
            {
                await SendAsync(context, answer);
                return;
            }

            await FailAsync(context, StatusCodes.Status404NotFound, request.Resource == RegistryResource.Manifest ? "MANIFEST_UNKNOWN" : "BLOB_UNKNOWN", $"{request.Repository} has no {request.Reference} here");
        }
        catch (RpcException e)
        {
            LogUnreadable(e.Detail);
            await FailAsync(context, StatusCodes.Status404NotFound, "UNKNOWN", e.Detail); // the next host may have it
        }
    }

    private static async Task SendAsync(HttpContext context, RegistryAnswer answer)
    {
        var response = context.Response;
        var info = new FileInfo(answer.File);
        response.ContentType = answer.MediaType.Length > 0 ? answer.MediaType : "application/octet-stream";
        response.ContentLength = info.Length;
        response.Headers["Docker-Content-Digest"] = answer.Digest;
        response.Headers.ETag = $"\"{answer.Digest}\"";
        if (HttpMethods.IsGet(context.Request.Method))
        {
            await response.SendFileAsync(answer.File, 0, info.Length, context.RequestAborted);
        }
    }

    private static Task FailAsync(HttpContext context, int status, string code, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return WriteAsync(context, $$"""{"errors":[{"code":"{{code}}","message":"{{System.Text.Json.JsonEncodedText.Encode(message)}}"}]}""");
    }

    private static Task WriteAsync(HttpContext context, string text)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        context.Response.ContentLength = bytes.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }

    [LoggerMessage(LogLevel.Warning, "containerd's images could not be listed: {Message}")]
    private partial void LogUnreadable(string message);
}
