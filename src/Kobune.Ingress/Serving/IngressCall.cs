using System.Globalization;
using System.Net;
using Kobune.Ingress.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Kobune.Ingress.Serving;

/// <summary>One request with the location that it belongs to, and what nginx would know of it by its variables.</summary>
internal sealed class IngressCall
{
    private string? _requestId;

    private IngressCall(HttpContext http, RoutingSnapshot routes, string path, string hostName)
    {
        (Http, Routes, Path, HostName) = (http, routes, path, hostName);
        Host = routes.Find(hostName);
        Location = Host.Match(path);
        Scheme = http.Request.Scheme;
        ForwardedHost = HostHeader = http.Request.Host.Value ?? "";
        ClientAddress = http.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : http.Connection.RemoteIpAddress;
        ForwardedPort = (http.Connection.LocalPort is var port && Scheme == "https" ? 443 : port == 0 ? 80 : port).ToString(CultureInfo.InvariantCulture);
    }

    public HttpContext Http { get; }

    public RoutingSnapshot Routes { get; }

    public HostRoutes Host { get; }

    public Location Location { get; }

    /// <summary>Decoded, with one slash where there were several: what locations are matched against.</summary>
    public string Path { get; }

    /// <summary>The Host header without its port, "" when there is none.</summary>
    public string HostName { get; }

    /// <summary>The Host header.</summary>
    public string HostHeader { get; }

    /// <summary>What the client used to come here, "http" or "https": with use-forwarded-headers what a proxy before us says.</summary>
    public string Scheme { get; private set; }

    public string ForwardedHost { get; private set; }

    public string ForwardedPort { get; private set; }

    public IPAddress? ClientAddress { get; private set; }

    public string ClientIP => ClientAddress?.ToString() ?? "";

    /// <summary>Path and query as the client wrote them.</summary>
    public string Target => Http.Features.Get<IHttpRequestFeature>() is { RawTarget: ['/', ..] raw } ? raw : NginxText.EscapePath(Path) + Http.Request.QueryString.Value;

    /// <summary>The client's X-Request-ID, or one of our own.</summary>
    public string RequestId => _requestId ??= Http.Request.Headers["X-Request-ID"] is [{ Length: > 0 } given, ..] ? given : NewId();

    public static IngressCall Create(HttpContext http, RoutingSnapshot routes)
    {
        var call = new IngressCall(http, routes, RequestPath.Normalize(http.Request.Path.Value ?? "/"), http.Request.Host.Host.TrimEnd('.'));
        if (routes.Global.UseForwardedHeaders)
        {
            call.BelieveForwarded();
        }

        return call;
    }

    /// <summary>nginx' variables that redirects and rewrites use; unknown ones are empty.</summary>
    public string Variable(string name) => name switch
    {
        "host" => HostName.Length > 0 ? HostName : "_",
        "http_host" or "best_http_host" => HostHeader,
        "scheme" or "pass_access_scheme" => Scheme,
        "request_uri" => Target,
        "uri" or "document_uri" => Path,
        "args" or "query_string" => Http.Request.QueryString.Value?.TrimStart('?') ?? "",
        "is_args" => Http.Request.QueryString.HasValue ? "?" : "",
        "remote_addr" => ClientIP,
        "request_method" => Http.Request.Method,
        "request_id" or "req_id" => RequestId,
        "server_port" or "pass_server_port" or "pass_port" => ForwardedPort,
        _ when name.StartsWith("http_", StringComparison.Ordinal) => Http.Request.Headers[name[5..].Replace('_', '-')].ToString(),
        _ when name.StartsWith("arg_", StringComparison.Ordinal) => Http.Request.Query[name[4..]].ToString(),
        _ => "",
    };

    /// <summary>Tells requests apart and guards nothing, so it need not cost what a secret costs.</summary>
    private static string NewId()
    {
        Span<byte> bytes = stackalloc byte[16];
        Random.Shared.NextBytes(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    private void BelieveForwarded()
    {
        var headers = Http.Request.Headers;
        Scheme = headers["X-Forwarded-Proto"] is [{ Length: > 0 } scheme, ..] ? scheme : Scheme;
        ForwardedHost = headers["X-Forwarded-Host"] is [{ Length: > 0 } host, ..] ? host : ForwardedHost;
        ForwardedPort = headers["X-Forwarded-Port"] is [{ Length: > 0 } port, ..] ? port : ForwardedPort;
        if (headers["X-Forwarded-For"] is [{ Length: > 0 } chain, ..] && IPAddress.TryParse(chain.Split(',')[0].Trim(), out var client))
        {
            ClientAddress = client;
        }
    }
}
