using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Kobune.Grpc.Tests;

/// <summary>A real HTTP/2 server on a unix socket of its own.</summary>
internal sealed class GrpcTestServer(WebApplication app, string socketPath) : IAsyncDisposable
{
    internal string SocketPath => socketPath;

    internal static async Task<GrpcTestServer> StartAsync(Action<IEndpointRouteBuilder> map, string? path = null)
    {
        path ??= Path.Combine(Path.GetTempPath(), $"kobune-grpc-{Guid.NewGuid():N}.sock");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => options.ListenUnixSocket(path, listen => listen.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        map(app);
        await app.StartAsync();
        return new GrpcTestServer(app, path);
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        File.Delete(socketPath);
    }
}
