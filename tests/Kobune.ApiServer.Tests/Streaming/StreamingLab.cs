using System.Collections.Concurrent;
using System.Text;
using Kobune.ApiServer.Streaming;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Kobune.ApiServer.Tests.Streaming;

/// <summary>
/// Two real web servers on loopback: one serves the streaming subresources, the other plays a kubelet that echoes stdin to stdout and forwarded
/// data to its sender, stream by stream.
/// </summary>
public sealed class StreamingLab : IAsyncLifetime
{
    private readonly ConcurrentBag<string> _commands = [];
    private readonly HttpMessageInvoker _invoker = new(new SocketsHttpHandler());
    private WebApplication _kubelet = null!;
    private WebApplication _server = null!;

    /// <summary>Paths and queries that the kubelet was asked for.</summary>
    public IReadOnlyCollection<string> Commands => _commands;

    public Uri Address { get; private set; } = null!;

    internal HttpMessageInvoker Invoker => _invoker;

    public async ValueTask InitializeAsync()
    {
        _kubelet = await StartAsync(KubeletAsync);
        var kubelet = AddressOf(_kubelet);
        _server = await StartAsync(async context =>
        {
            var kind = Enum.Parse<PodStreamKind>(context.Request.Path.Value!.Trim('/'), ignoreCase: true);
            if (!await PodStreamEndpoint.ServeAsync(context, kind, _invoker, new Uri(kubelet, context.Request.Path + context.Request.QueryString), context.RequestAborted))
            {
                context.Response.StatusCode = StatusCodes.Status400BadRequest;
            }
        });
        Address = AddressOf(_server);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _kubelet.DisposeAsync();
        _invoker.Dispose();
    }

    private static async Task<WebApplication> StartAsync(RequestDelegate handler)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(handler);
        await app.StartAsync();
        return app;
    }

    private static Uri AddressOf(WebApplication app) => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    private async Task KubeletAsync(HttpContext context)
    {
        _commands.Add(context.Request.Path + context.Request.QueryString);
        if (context.Request.Query.ContainsKey("refuse"))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            await context.Response.WriteAsync("pod does not exist");
            return;
        }

        context.Response.Headers.Upgrade = "SPDY/3.1";
        context.Response.Headers.Connection = "Upgrade";
        context.Response.Headers[KubeletUpgrade.ProtocolHeader] = context.Request.Headers[KubeletUpgrade.ProtocolHeader].First();
        await using var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        using var spdy = new SpdyServerStub(stream);
        try
        {
            await EchoAsync(spdy, context.RequestAborted);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // the client went
        }
    }

    private static async Task EchoAsync(SpdyServerStub spdy, CancellationToken ct)
    {
        Dictionary<string, int> byType = [];
        Dictionary<int, string> typeOf = [];
        while (await spdy.ReadAsync(ct) is { } frame)
        {
            if (frame.Type == SpdyFrameType.SynStream)
            {
                byType[frame.Headers["streamtype"]] = frame.StreamId;
                typeOf[frame.StreamId] = frame.Headers["streamtype"];
                continue;
            }

            if (frame.Type != SpdyFrameType.Data)
            {
                continue;
            }

            switch (typeOf[frame.StreamId])
            {
                case "data":
                    await spdy.SendDataAsync(frame.StreamId, frame.Data, frame.Fin, ct);
                    break;
                case "resize":
                    await spdy.SendDataAsync(byType["stdout"], frame.Data, fin: false, ct);
                    break;
                case "stdin":
                    await spdy.SendDataAsync(byType["stdout"], frame.Data, frame.Fin, ct);
                    if (frame.Fin)
                    {
                        await spdy.SendDataAsync(byType["error"], Encoding.UTF8.GetBytes(ExitCode7), fin: true, ct);
                    }

                    break;
            }
        }
    }

    public const string ExitCode7 = """{"metadata":{},"status":"Failure","message":"command terminated with exit code 7","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"7"}]}}""";
}
