using Kobune.ApiServer.Handlers;
using Kobune.ApiServer.Metrics;
using Kobune.ApiServer.Requests;
using Microsoft.Extensions.Logging;

namespace Kobune.ApiServer.Pipeline;

/// <summary>The way of every request, from the HTTPS edge and from in-process clients alike. The list below is the order; there is no other.</summary>
internal sealed class ApiPipeline
{
    private readonly ApiHandler _first;

    public ApiPipeline(ApiServerOptions options, ApiMetrics metrics, AuditFilter? audit, FairnessFilter? fairness, EndpointDispatcher endpoints, ILoggerFactory loggers)
    {
        IApiFilter[] filters =
        [
            new ErrorFilter(loggers.CreateLogger<ErrorFilter>()), // whatever is thrown below becomes a Status
            new RequestInfoFilter(),
            new MetricsFilter(metrics, options.Time),
            .. options.Observer is { } observer ? [new ObserverFilter(observer)] : Array.Empty<IApiFilter>(),
            new AuthenticationFilter(options.Authenticator, audit, metrics, options.Time),
            .. audit is null ? Array.Empty<IApiFilter>() : [audit],
            new ImpersonationFilter(options.Authorizer),
            fairness is null ? new InFlightFilter(options.MaxReadsInFlight, options.MaxWritesInFlight, metrics) : fairness,
            new AuthorizationFilter(options.RequestAuthorizer ?? options.Authorizer, metrics),
            .. options.Gate is { } gate ? [new GateFilter(gate)] : Array.Empty<IApiFilter>(),
        ];
        _first = Chain(filters, endpoints.ServeAsync);
    }

    /// <summary>A shorter way, of what is served beside the API.</summary>
    public ApiPipeline(IReadOnlyList<IApiFilter> filters, ApiHandler endpoint)
    {
        _first = Chain(filters, endpoint);
    }

    private static ApiHandler Chain(IReadOnlyList<IApiFilter> filters, ApiHandler handler)
    {
        foreach (var filter in filters.Reverse())
        {
            var next = handler;
            handler = (call, ct) => filter.InvokeAsync(call, next, ct);
        }

        return handler;
    }

    /// <summary>Runs one call. Refusals are results; only cancellation of <paramref name="ct"/> throws.</summary>
    public ValueTask<ApiResult> RunAsync(ApiCall call, CancellationToken ct) => _first(call, ct);
}
