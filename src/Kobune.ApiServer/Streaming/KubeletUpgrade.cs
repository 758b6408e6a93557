using System.Net;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Outbound;
using Microsoft.AspNetCore.Http;

namespace Kobune.ApiServer.Streaming;

/// <summary>An upgraded SPDY/3.1 connection to a kubelet, or its refusal.</summary>
internal sealed record KubeletConnection(Stream? Stream, string Protocol, HttpResponseMessage Response) : IDisposable
{
    public void Dispose()
    {
        Stream?.Dispose();
        Response.Dispose();
    }
}

/// <summary>Opens upgraded connections to kubelets over HTTP/1.1.</summary>
internal static class KubeletUpgrade
{
    public const string ProtocolHeader = "X-Stream-Protocol-Version";

    /// <summary>Asks for SPDY/3.1 with one of the stream protocols; a refusal comes back with its response for the client.</summary>
    /// <exception cref="StatusException">The kubelet cannot be reached.</exception>
    public static async Task<KubeletConnection> OpenAsync(HttpMessageInvoker kubelet, Uri address, IEnumerable<string> protocols, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.ParseAdd("SPDY/3.1");
        foreach (var protocol in protocols)
        {
            request.Headers.TryAddWithoutValidation(ProtocolHeader, protocol);
        }

        var response = await SendAsync(kubelet, request, ct);
        if (response.StatusCode != HttpStatusCode.SwitchingProtocols)
        {
            return new(null, "", response);
        }

        var chosen = response.Headers.TryGetValues(ProtocolHeader, out var values) ? values.First() : "";
        return new(await response.Content.ReadAsStreamAsync(ct), chosen, response);
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpMessageInvoker kubelet, HttpRequestMessage request, CancellationToken ct)
    {
        try
        {
            return await kubelet.SendAsync(request, ct);
        }
        catch (Exception e) when (DialFailure.Is(e))
        {
            throw StatusErrors.Unknown($"error dialing backend: {DialFailure.Words(e, request.RequestUri!)}");
        }
    }

    /// <summary>Hands a kubelet's refusal to the client as it is.</summary>
    public static async Task RefuseAsync(HttpContext context, HttpResponseMessage refusal, CancellationToken ct)
    {
        context.Response.StatusCode = (int)refusal.StatusCode;
        context.Response.ContentType = refusal.Content.Headers.ContentType?.ToString() ?? "text/plain";
        await refusal.Content.CopyToAsync(context.Response.Body, ct);
    }
}
