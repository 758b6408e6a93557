using System.Text;
using Kobune.Ingress.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Kobune.Ingress.Serving;

/// <summary>Answers of the controller itself.</summary>
internal static class StatusPage
{
    /// <summary>A page with the status' name; nothing when the answer has begun.</summary>
    public static async Task WriteAsync(IngressCall call, int status)
    {
        var response = call.Http.Response;
        if (response.HasStarted)
        {
            call.Http.Abort(); // half an answer must not look like a whole one
            return;
        }

        response.Clear();
        response.StatusCode = status;
        OwnHeaders.Apply(call);
        var name = Name(status);
        var body = Encoding.UTF8.GetBytes($"<html>\r\n<head><title>{status} {name}</title></head>\r\n<body>\r\n<center><h1>{status} {name}</h1></center>\r\n<hr><center>kobune</center>\r\n</body>\r\n</html>\r\n");
        response.ContentType = "text/html";
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(call.Http.Request.Method))
        {
            await response.Body.WriteAsync(body, call.Http.RequestAborted);
        }
    }

    public static Task RedirectAsync(IngressCall call, int status, string location)
    {
        if (location.AsSpan().IndexOfAny('\r', '\n') >= 0)
        {
            return WriteAsync(call, StatusCodes.Status400BadRequest); // a decoded path must not write headers
        }

        call.Http.Response.OnStarting(static state =>
        {
            var (http, to) = ((HttpContext, string))state;
            http.Response.Headers.Location = to;
            return Task.CompletedTask;
        }, (call.Http, location));
        return WriteAsync(call, status);
    }

    /// <summary>The answer to a CORS preflight.</summary>
    public static Task PreflightAsync(IngressCall call, CorsSettings cors)
    {
        var response = call.Http.Response;
        response.StatusCode = StatusCodes.Status204NoContent;
        OwnHeaders.Apply(call);
        response.ContentType = "text/plain charset=UTF-8";
        return Task.CompletedTask;
    }

    private static string Name(int status) => status switch
    {
        StatusCodes.Status413PayloadTooLarge => "Request Entity Too Large",
        StatusCodes.Status503ServiceUnavailable => "Service Temporarily Unavailable",
        StatusCodes.Status504GatewayTimeout => "Gateway Time-out",
        StatusCodes.Status408RequestTimeout => "Request Time-out",
        StatusCodes.Status401Unauthorized => "Authorization Required",
        _ => ReasonPhrases.GetReasonPhrase(status),
    };
}
