using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Kobune.Proxy.Health;

/// <summary>A small HTTP server on some endpoints: path in, answer out.</summary>
internal sealed class HttpPort : IAsyncDisposable
{
    private readonly WebApplication _app;

    private HttpPort(WebApplication app) => _app = app;

    /// <summary>Listens; fails with an <see cref="IOException"/> when an endpoint is taken.</summary>
    public static async Task<HttpPort> OpenAsync(IReadOnlyList<IPEndPoint> endpoints, Func<string, HttpAnswer> handler, CancellationToken ct)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            foreach (var endpoint in endpoints)
            {
                if (endpoint.Address.Equals(IPAddress.IPv6Any))
                {
                    kestrel.ListenAnyIP(endpoint.Port, listen => listen.Protocols = HttpProtocols.Http1); // IPv4 alone where there is no IPv6
                }
                else
                {
                    kestrel.Listen(endpoint, listen => listen.Protocols = HttpProtocols.Http1);
                }
            }
        });
        var app = builder.Build();
        app.Run(context => AnswerAsync(context, handler(context.Request.Path.Value ?? "/")));
        try
        {
            await app.StartAsync(ct);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return new(app);
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _app.DisposeAsync();
    }

    private static Task AnswerAsync(HttpContext context, HttpAnswer answer)
    {
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.Type;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (answer.Weight is { } weight)
        {
            context.Response.Headers["X-Load-Balancing-Endpoint-Weight"] = $"{weight}";
        }

        return context.Response.WriteAsync(answer.Body, context.RequestAborted);
    }
}

/// <summary>What a server of the proxy says.</summary>
/// <param name="Weight">Number of local endpoints, which upstream sends as a header of its own; null for other answers.</param>
internal sealed record HttpAnswer(int Status, string Type, string Body, int? Weight = null)
{
    public static HttpAnswer NotFound { get; } = new(404, "text/plain; charset=utf-8", "404 page not found\n");
}
