using System.Globalization;
using Kobune.Ingress.Settings;

namespace Kobune.Ingress.Serving;

/// <summary>The headers that the controller adds to every answer of a location: HSTS and CORS.</summary>
internal static class OwnHeaders
{
    public static void Apply(IngressCall call)
    {
        var headers = call.Http.Response.Headers;
        if (call.Http.Request.IsHttps && call.Routes.CertificateFor(call.HostName) is not null && call.Routes.Global.HstsHeader is { } hsts)
        {
            headers.StrictTransportSecurity = hsts;
        }

        if (call.Location.Settings.Cors is { } cors && cors.AllowOrigin(call.Http.Request.Headers.Origin.ToString()) is { } origin)
        {
            headers.AccessControlAllowOrigin = origin;
            if (cors.AllowCredentials)
            {
                headers.AccessControlAllowCredentials = "true";
            }

            headers.AccessControlAllowMethods = cors.AllowMethods;
            headers.AccessControlAllowHeaders = cors.AllowHeaders;
            headers.AccessControlMaxAge = cors.MaxAge.ToString(CultureInfo.InvariantCulture);
            if (cors.ExposeHeaders is { } expose)
            {
                headers.AccessControlExposeHeaders = expose;
            }
        }
    }
}
