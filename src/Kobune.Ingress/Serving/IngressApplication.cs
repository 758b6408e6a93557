using Kobune.Ingress.Forwarding;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Kobune.Ingress.Serving;

/// <summary>Kestrel's application: find the location, pass the gates, forward.</summary>
internal sealed partial class IngressApplication(RoutingState state, ProxyForwarder forwarder, ILogger logger) : IHttpApplication<HttpContext>
{
    private const string HealthPath = "/healthz";
    private readonly ILogger _logger = logger;

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    public async Task ProcessRequestAsync(HttpContext context)
    {
        var call = IngressCall.Create(context, state.Current);
        try
        {
            if (call.Location is { Ingress: null, Upstream: null } && call.Path == HealthPath)
            {
                return; // 200: the controller is well, as its probe asks
            }

            await (Gates.Answer(call) ?? forwarder.ForwardAsync(call));
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            // the client went
        }
        catch (BadHttpRequestException e)
        {
            await StatusPage.WriteAsync(call, e.StatusCode);
        }
        catch (Exception e)
        {
            LogFailed(call.HostName, call.Path, e);
            await StatusPage.WriteAsync(call, StatusCodes.Status500InternalServerError);
        }
    }

    [LoggerMessage(LogLevel.Error, "A request for {Host}{Path} failed")]
    private partial void LogFailed(string host, string path, Exception error);
}
