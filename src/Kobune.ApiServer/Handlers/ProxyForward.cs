using System.IO.Compression;
using System.Net;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Outbound;
using Kobune.ApiServer.Streaming;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Kobune.ApiServer.Handlers;

/// <summary>
/// One request on its way through the proxy subresource: path and query as they came, without credentials and hop-by-hop headers, with X-Forwarded-Uri and -For; redirects of
/// the target and links in its HTML come back under the proxy's own path, without CORS headers (k8s.io/apimachinery, util/proxy: UpgradeAwareHandler and Transport).
/// </summary>
internal sealed class ProxyForward(HttpContext http, HttpMessageInvoker invoker, Uri target)
{
    private static readonly HashSet<string> HopByHop = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
        "Host", "Authorization", "Content-Length", "X-Forwarded-Uri", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-For",
    };

    private static readonly HashSet<string> Cors = new(StringComparer.OrdinalIgnoreCase)
    {
        "Access-Control-Allow-Credentials", "Access-Control-Allow-Headers", "Access-Control-Allow-Methods", "Access-Control-Allow-Origin",
    };

    private readonly (string Prefix, string Path, string Query) _parts = Split(http.Features.Get<IHttpRequestFeature>()!.RawTarget);

    /// <summary>Cuts "/api/v1/namespaces/ns/pods/p/proxy/rest?query" behind "/proxy"; names may begin with "proxy" too.</summary>
    public static (string Prefix, string Path, string Query) Split(string rawTarget)
    {
        var question = rawTarget.IndexOf('?', StringComparison.Ordinal);
        var (path, query) = question < 0 ? (rawTarget, "") : (rawTarget[..question], rawTarget[question..]);
        var segments = path.Split('/'); // "", api, v1, namespaces, ns, pods, name, proxy
        var count = segments is [_, _, _, "namespaces", _, not "proxy", ..] ? 8 : 6;
        var prefix = string.Join('/', segments.Take(count));
        return (prefix, path[prefix.Length..], query);
    }

    public async Task RunAsync(CancellationToken ct)
    {
        var upgrade = http.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } feature ? feature : null;
        if (upgrade is null && _parts.Path.Length == 0 && (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method)))
        {
            http.Response.StatusCode = StatusCodes.Status301MovedPermanently;
            http.Response.Headers.Location = $"{_parts.Prefix}/{_parts.Query}";
            return;
        }

        try
        {
            using var request = Request(upgrade is not null);
            using var response = await invoker.SendAsync(request, ct);
            await (upgrade is null ? AnswerAsync(response, ct) : UpgradeAsync(upgrade, response, ct));
        }
        catch (Exception e) when (DialFailure.Is(e))
        {
            throw StatusErrors.ServiceUnavailable($"error trying to reach service: {DialFailure.Words(e, target)}");
        }
    }

    private HttpRequestMessage Request(bool upgrade)
    {
        var incoming = http.Request;
        var address = new Uri(target, (_parts.Path.Length == 0 ? "/" : _parts.Path) + _parts.Query);
        var request = new HttpRequestMessage(new HttpMethod(incoming.Method), address);
        if (incoming.ContentLength is > 0 || incoming.Headers.TransferEncoding.Count > 0)
        {
            request.Content = new StreamContent(incoming.Body);
            request.Content.Headers.ContentLength = incoming.ContentLength; // a target may know no chunks
        }

        foreach (var (name, values) in incoming.Headers)
        {
            if (!HopByHop.Contains(name) && !name.StartsWith(':') && !Named(incoming.Headers.Connection, name) && !request.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)values!))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)values!);
            }
        }

        request.Headers.Host = incoming.Host.Value;
        request.Headers.TryAddWithoutValidation("X-Forwarded-Uri", _parts.Prefix + _parts.Path);
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", string.Join(", ", incoming.Headers["X-Forwarded-For"].Append(http.Connection.RemoteIpAddress?.ToString()).Where(a => !string.IsNullOrEmpty(a))));
        if (upgrade)
        {
            (request.Version, request.VersionPolicy) = (HttpVersion.Version11, HttpVersionPolicy.RequestVersionExact);
            request.Headers.Connection.Add("Upgrade");
            request.Headers.TryAddWithoutValidation("Upgrade", (IEnumerable<string>)incoming.Headers.Upgrade!);
        }

        return request;
    }

    private async Task AnswerAsync(HttpResponseMessage response, CancellationToken ct)
    {
        CopyHeaders(response);
        var links = new ProxyLinks(target.Authority, http.Request.Host.Value ?? "", _parts.Prefix);
        if (response.Headers.Location is { } location)
        {
            http.Response.Headers.Location = links.Rewrite(location.OriginalString);
        }

        await using var body = await response.Content.ReadAsStreamAsync(ct);
        var encoding = string.Join(',', response.Content.Headers.ContentEncoding);
        if (response.Content.Headers.ContentType?.MediaType == "text/html" && encoding is "" or "gzip" or "deflate" && !HttpMethods.IsHead(http.Request.Method))
        {
            await AnswerPageAsync(links, body, encoding, ct);
            return;
        }

        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await body.ReadAsync(buffer, ct)) > 0)
        {
            await http.Response.Body.WriteAsync(buffer.AsMemory(0, read), ct);
            await http.Response.Body.FlushAsync(ct); // what the target streams, the client sees at once
        }
    }

    private async Task AnswerPageAsync(ProxyLinks links, Stream body, string encoding, CancellationToken ct)
    {
        using var page = new MemoryStream();
        await using (var plain = encoding switch { "gzip" => new GZipStream(body, CompressionMode.Decompress), "deflate" => new DeflateStream(body, CompressionMode.Decompress), _ => body })
        {
            await plain.CopyToAsync(page, ct);
        }

        var rewritten = links.RewritePage(page.GetBuffer().AsSpan(0, (int)page.Length));
        using var answer = new MemoryStream();
        await using (Stream packed = encoding switch { "gzip" => new GZipStream(answer, CompressionLevel.Fastest, leaveOpen: true), "deflate" => new DeflateStream(answer, CompressionLevel.Fastest, leaveOpen: true), _ => answer })
        {
            await packed.WriteAsync(rewritten, ct);
            await packed.FlushAsync(ct);
        }

        var bytes = answer.ToArray();
        http.Response.ContentLength = bytes.Length;
        await http.Response.Body.WriteAsync(bytes, ct);
    }

    private async Task UpgradeAsync(IHttpUpgradeFeature upgrade, HttpResponseMessage response, CancellationToken ct)
    {
        if (response.StatusCode != HttpStatusCode.SwitchingProtocols)
        {
            if ((int)response.StatusCode < 400)
            {
                throw StatusErrors.InternalError($"invalid upgrade response: status code {(int)response.StatusCode}");
            }

            await AnswerAsync(response, ct);
            return;
        }

        CopyHeaders(response);
        http.Response.Headers.Connection = "Upgrade";
        http.Response.Headers.Upgrade = response.Headers.Upgrade.ToString();
        await using var client = await upgrade.UpgradeAsync();
        await using var backend = await response.Content.ReadAsStreamAsync(ct);
        await StreamPump.RunAsync(client, backend, ct);
    }

    private void CopyHeaders(HttpResponseMessage response)
    {
        http.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers).Where(h => (!HopByHop.Contains(h.Key) && !Cors.Contains(h.Key)) || h.Key == "Content-Length"))
        {
            http.Response.Headers[name] = values.ToArray();
        }
    }

    private static bool Named(IEnumerable<string?> connection, string header) =>
        connection.Any(value => value?.Split(',', StringSplitOptions.TrimEntries).Contains(header, StringComparer.OrdinalIgnoreCase) == true);
}
