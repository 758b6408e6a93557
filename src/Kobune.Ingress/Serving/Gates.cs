using Kobune.Ingress.Routing;
using Kobune.Ingress.Settings;
using Microsoft.AspNetCore.Http;

namespace Kobune.Ingress.Serving;

/// <summary>
/// What stands before the proxy, in the order of nginx' phases: (1) the size of the body; (2) redirects and preflights of the location;
/// (3) the way to HTTPS; (4) who may enter.
/// </summary>
internal static class Gates
{
    private const string AcmeChallenge = "/.well-known/acme-challenge";

    /// <summary>The answer of the gate that the request does not pass; null when it passes all.</summary>
    public static Task? Answer(IngressCall call)
    {
        var settings = call.Location.Settings;
        if (settings.BodySize is { } limit && call.Http.Request.ContentLength > limit)
        {
            return StatusPage.WriteAsync(call, StatusCodes.Status413PayloadTooLarge);
        }

        if (settings.Denied is not null)
        {
            return StatusPage.WriteAsync(call, StatusCodes.Status503ServiceUnavailable);
        }

        return Redirect(call, settings) ?? ToHttps(call, settings) ?? Access(call, settings);
    }

    private static Task? Redirect(IngressCall call, LocationSettings settings)
    {
        if (settings.RedirectTo is { } to)
        {
            return StatusPage.RedirectAsync(call, settings.RedirectCode, NginxText.Expand(to, call.Variable));
        }

        if (settings.AppRoot is { } root && call.Path == "/")
        {
            return StatusPage.RedirectAsync(call, StatusCodes.Status302Found, $"{call.Scheme}://{call.HostHeader}{root}");
        }

        return settings.Cors is { } cors && HttpMethods.IsOptions(call.Http.Request.Method) && cors.AllowOrigin(call.Http.Request.Headers.Origin.ToString()) is not null
            ? StatusPage.PreflightAsync(call, cors)
            : null;
    }

    private static Task? ToHttps(IngressCall call, LocationSettings settings)
    {
        if (call.Scheme != "http" || call.Path.StartsWith(AcmeChallenge, StringComparison.Ordinal))
        {
            return null;
        }

        return settings.ForceSslRedirect || (settings.SslRedirect && call.Routes.CertificateFor(call.HostName) is not null)
            ? StatusPage.RedirectAsync(call, settings.HttpRedirectCode, $"https://{HostWithoutPort(call)}{call.Target}")
            : null;
    }

    private static Task? Access(IngressCall call, LocationSettings settings)
    {
        if (SourceRange.Contains(settings.Deny, call.ClientAddress) || (settings.Allow.Count > 0 && !SourceRange.Contains(settings.Allow, call.ClientAddress)))
        {
            return StatusPage.WriteAsync(call, StatusCodes.Status403Forbidden);
        }

        if (call.Location.Users is not { } users || users.Accepts(call.Http.Request.Headers.Authorization))
        {
            return null;
        }

        call.Http.Response.OnStarting(static state =>
        {
            var (http, realm) = ((HttpContext, string))state;
            http.Response.Headers.WWWAuthenticate = $"Basic realm=\"{realm}\"";
            return Task.CompletedTask;
        }, (call.Http, users.Realm));
        return StatusPage.WriteAsync(call, StatusCodes.Status401Unauthorized);
    }

    private static string HostWithoutPort(IngressCall call) => call.ForwardedHost.Split(',')[0].Trim() is { Length: > 0 } host && host != call.HostHeader ? host : call.HostName;
}
