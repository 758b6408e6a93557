using System.Net;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Streaming;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Kobune.ApiServer.Outbound;

/// <summary>A request that goes on to another server as it came, without its credentials, and that server's answer on its way back.</summary>
internal static class HttpForward
{
    private static readonly HashSet<string> HopByHop = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Host", "Authorization", "Content-Length",
    };

    public static HttpRequestMessage Request(HttpRequest from, Uri address)
    {
        var request = new HttpRequestMessage(new HttpMethod(from.Method), address);
        if (from.ContentLength is > 0 || from.Headers.TransferEncoding.Count > 0)
        {
            request.Content = new StreamContent(from.Body);
        }

        foreach (var (name, values) in from.Headers)
        {
            if (!HopByHop.Contains(name) && !name.StartsWith(':') && !request.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)values!))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)values!);
            }
        }

        return request;
    }

    /// <exception cref="StatusException">503: the other server could not be reached.</exception>
    public static async Task<HttpResponseMessage> SendAsync(HttpMessageInvoker invoker, HttpRequestMessage request, CancellationToken ct)
    {
        try
        {
            return await invoker.SendAsync(request, ct);
        }
        catch (Exception e) when (DialFailure.Is(e))
        {
            throw StatusErrors.ServiceUnavailable($"error trying to reach service: {DialFailure.Words(e, request.RequestUri!)}");
        }
    }

    public static async Task AnswerAsync(HttpResponse to, HttpResponseMessage response, CancellationToken ct)
    {
        to.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers).Where(h => !HopByHop.Contains(h.Key)))
        {
            to.Headers.Append(name, values.ToArray());
        }

        await using var body = await response.Content.ReadAsStreamAsync(ct);
        await body.CopyToAsync(to.Body, ct);
    }

    /// <summary>Whether the client wants another protocol on this connection.</summary>
    public static bool IsUpgrade(HttpRequest request) => request.Headers.Upgrade.Count > 0 && request.Headers.Connection.ToString().Contains("upgrade", StringComparison.OrdinalIgnoreCase);

    /// <summary>Makes <paramref name="request"/> ask for what the client asks for.</summary>
    public static void AddUpgrade(HttpRequest from, HttpRequestMessage request)
    {
        request.Version = HttpVersion.Version11;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        request.Headers.TryAddWithoutValidation("Upgrade", from.Headers.Upgrade.ToString());
    }

    /// <summary>Answers 101 with the other server's words and joins both connections until one of them ends.</summary>
    public static async Task JoinAsync(HttpContext context, HttpResponseMessage response, CancellationToken ct)
    {
        foreach (var (name, values) in response.Headers.Where(h => h.Key is not ("Connection" or "Upgrade")))
        {
            context.Response.Headers.Append(name, values.ToArray());
        }

        context.Response.Headers.Connection = "Upgrade";
        context.Response.Headers.Upgrade = response.Headers.Upgrade.ToString();
        await using var there = await response.Content.ReadAsStreamAsync(ct);
        await using var here = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        await StreamPump.RunAsync(here, there, ct);
    }
}
