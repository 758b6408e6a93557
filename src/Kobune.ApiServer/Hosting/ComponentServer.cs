using System.Net;
using Kobune.Api.Metrics;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Handlers;
using Kobune.ApiServer.Health;
using Kobune.ApiServer.Http;
using Kobune.ApiServer.Metrics;
using Kobune.ApiServer.Pipeline;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;
using Microsoft.Extensions.Logging;

namespace Kobune.ApiServer;

/// <summary>
/// The HTTPS port of a component beside the server: /metrics, /healthz, /livez, /readyz. Who asks and whether they may is what the API server would say, which upstream's
/// components ask it for (delegated authentication and authorization); health alone is told to everybody.
/// </summary>
public sealed class ComponentServer : IAsyncDisposable
{
    private static readonly string[] Open = ["/healthz", "/livez", "/readyz"];

    private readonly HttpsEdge _edge;
    private readonly IPathEndpoint[] _paths;

    internal ComponentServer(ApiServerOptions server, ResourceRegistry registry, IPEndPoint listen, IEnumerable<MetricFamily> families, IReadOnlyList<IHealthCheck> checks)
    {
        var (options, metrics) = (server with { Listen = [listen] }, new ApiMetrics());
        _paths = [new HealthEndpoint(checks), new MetricsEndpoint(families, null, options.Features)];
        IApiFilter[] filters =
        [
            new ErrorFilter(options.Loggers.CreateLogger<ErrorFilter>()),
            new RequestInfoFilter(),
            new AuthenticationFilter(options.Authenticator, null, metrics, options.Time),
            new AuthorizationFilter(new OpenPaths(options.Authorizer), metrics),
        ];
        _edge = new(options, new(filters, ServeAsync), new ResultWriter(options.Schema, registry, options.Features, options.Time), metrics);
    }

    /// <summary>Where it really listens, once started.</summary>
    public IPEndPoint Address => _edge.Addresses[0];

    /// <summary>Opens the listener.</summary>
    /// <exception cref="IOException">The port is taken.</exception>
    public Task StartAsync(CancellationToken ct) => _edge.StartAsync(ct);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    private ValueTask<ApiResult> ServeAsync(ApiCall call, CancellationToken ct) =>
        call.Method is not ("GET" or "HEAD") ? throw StatusErrors.MethodNotAllowed()
        : Array.Find(_paths, p => p.Serves(call.Path)) is { } path ? path.ServeAsync(call, ct)
        : throw StatusErrors.NoSuchPath();

    /// <summary>Upstream's --authorization-always-allow-paths, with its default.</summary>
    private sealed class OpenPaths(IAuthorizer inner) : IAuthorizer
    {
        public ValueTask<AuthorizationResult> AuthorizeAsync(UserInfo user, RequestInfo request, CancellationToken ct) =>
            Open.Contains(request.Path) ? new(new AuthorizationResult(Decision.Allow, "")) : inner.AuthorizeAsync(user, request, ct);
    }
}
