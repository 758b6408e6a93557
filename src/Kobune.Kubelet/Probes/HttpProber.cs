using System.Net;
using System.Net.Security;
using System.Text;
using Kobune.Api.Core.V1;

namespace Kobune.Kubelet.Probes;

/// <summary>httpGet probes (pkg/probe/http): 200 to 399 is success; certificates are not checked; a new connection each time.</summary>
/// <param name="kubeletVersion">"v1.36.0+kobune": the User-Agent has the numbers that are no patch.</param>
internal sealed class HttpProber(string kubeletVersion) : IDisposable
{
    private const int MaxBody = 10 * 1024;
    private readonly string _userAgent = "kube-probe/" + string.Join('.', kubeletVersion.TrimStart('v').Split('.')[..2]);
    private readonly HttpMessageInvoker _invoker = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ActivityHeadersPropagator = null,
        AutomaticDecompression = DecompressionMethods.None,
        PooledConnectionLifetime = TimeSpan.Zero, // a probe must see whether a connection can be made
        SslOptions = new SslClientAuthenticationOptions
        {
#pragma warning disable CA5359 // upstream does not check the certificates of pods: they are mostly self-signed
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
        },
    });

    internal async Task<ProbeResult> ProbeAsync(HTTPGetAction get, Container container, string podIP, TimeSpan timeout, CancellationToken ct)
    {
        if (ProbePort.Resolve(get.Port, container) is not { } port)
        {
            return new(ProbeOutcome.Unknown, $"couldn't find port {get.Port} in container {container.Name}");
        }

        var host = get.Host.Length > 0 ? get.Host : podIP;
        var scheme = get.Scheme.Length > 0 ? get.Scheme.ToLowerInvariant() : "http";
        var url = $"{scheme}://{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{port}{(get.Path.StartsWith('/') ? "" : "/")}{get.Path}";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(timeout);
        try
        {
            return await FollowAsync(new Uri(url), get, limit.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new(ProbeOutcome.Failure, $"Get \"{url}\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)");
        }
        catch (HttpRequestException e)
        {
            return new(ProbeOutcome.Failure, $"Get \"{url}\": {Describe(e, host, port)}");
        }
        catch (UriFormatException e)
        {
            return new(ProbeOutcome.Unknown, e.Message);
        }
    }

    public void Dispose() => _invoker.Dispose();

    private async Task<ProbeResult> FollowAsync(Uri url, HTTPGetAction get, CancellationToken ct)
    {
        var start = url;
        for (var hops = 0; ; hops++)
        {
            using var request = Request(url, get);
            using var response = await _invoker.SendAsync(request, ct);
            var code = (int)response.StatusCode;
            if (code is >= 300 and < 400 && response.Headers.Location is { } location && hops < 10)
            {
                var next = new Uri(url, location);
                if (next.Host != start.Host)
                {
                    return new(ProbeOutcome.Warning, $"Probe terminated redirects, Response body: {await BodyAsync(response, ct)}");
                }

                url = next;
                continue;
            }

            var body = await BodyAsync(response, ct);
            return code is >= 200 and < 400 ? new(ProbeOutcome.Success, body) : new(ProbeOutcome.Failure, $"HTTP probe failed with statuscode: {code}");
        }
    }

    private HttpRequestMessage Request(Uri url, HTTPGetAction get)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.TryAddWithoutValidation("User-Agent", _userAgent);
        request.Headers.TryAddWithoutValidation("Accept", "*/*");
        request.Headers.ConnectionClose = true;
        foreach (var header in get.HTTPHeaders)
        {
            request.Headers.Remove(header.Name);
            if (header.Value.Length > 0)
            {
                request.Headers.TryAddWithoutValidation(header.Name, header.Value);
            }
        }

        return request;
    }

    private static async Task<string> BodyAsync(HttpResponseMessage response, CancellationToken ct)
    {
        var stream = await response.Content.ReadAsStreamAsync(ct);
        await using var owned = stream;
        var buffer = new byte[MaxBody];
        var got = await stream.ReadAtLeastAsync(buffer, MaxBody, throwOnEndOfStream: false, ct);
        return Encoding.UTF8.GetString(buffer, 0, got);
    }

    /// <summary>In Go's words, which people search for.</summary>
    private static string Describe(HttpRequestException e, string host, int port) => e.InnerException is System.Net.Sockets.SocketException socket
        ? $"dial tcp {host}:{port}: {TcpProber.Describe(socket)}"
        : e.HttpRequestError == HttpRequestError.ResponseEnded ? "EOF" : e.Message;
}
