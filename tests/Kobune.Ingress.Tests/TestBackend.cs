using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Kobune.Ingress.Tests;

/// <summary>An endpoint on loopback that answers as a test says; by default it names itself and shows what it was asked.</summary>
internal sealed class TestBackend : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestBackend(WebApplication app) => _app = app;

    public int Port { get; private set; }

    public static async Task<TestBackend> StartAsync(RequestDelegate handler, HttpProtocols protocols = HttpProtocols.Http1, bool tls = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = protocols;
            if (tls)
            {
                listen.UseHttps(https => https.ServerCertificate = Certificates.SelfMadeCertificate.Create(TimeProvider.System.GetUtcNow()).Context.TargetCertificate);
            }
        }));
        var app = builder.Build();
        app.UseWebSockets();
        app.Run(handler);
        await app.StartAsync();
        return new(app) { Port = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port };
    }

    /// <summary>Answers with a name, the request line and every header, one a line.</summary>
    public static Task<TestBackend> EchoAsync(string name, HttpProtocols protocols = HttpProtocols.Http1, bool tls = false) => StartAsync(
        async http =>
        {
            var body = await new StreamReader(http.Request.Body).ReadToEndAsync();
            var target = http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
            var headers = string.Join('\n', http.Request.Headers.Select(h => h.Key + ": " + h.Value));
            await http.Response.WriteAsync($"{name}\n{http.Request.Method} {target} {http.Request.Protocol}\n{headers}\nbody={body}");
        },
        protocols,
        tls);

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
