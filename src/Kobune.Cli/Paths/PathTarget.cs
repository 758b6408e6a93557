using System.Globalization;
using System.Net;

namespace Kobune.Cli.Paths;

/// <summary>What a user can ask the way to.</summary>
internal enum TargetKind
{
    /// <summary>A Service by name.</summary>
    Service,

    /// <summary>An Ingress by name.</summary>
    Ingress,

    /// <summary>A Pod by name.</summary>
    Pod,

    /// <summary>A URL, or host:port.</summary>
    Url,
}

/// <summary>The target of `kobune path`.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">As it was written.</param>
/// <param name="Namespace">Where names are looked up.</param>
/// <param name="Name">The object's name; empty for a URL.</param>
internal sealed record PathTarget(TargetKind Kind, string Text, string Namespace, string Name)
{
    /// <summary>URL: its host, a name or an address.</summary>
    public string Host { get; init; } = "";

    /// <summary>URL: its port. Service and Pod: the port asked for; 0 means the first.</summary>
    public int Port { get; init; }

    /// <summary>Service and Pod: the port asked for by its name.</summary>
    public string PortName { get; init; } = "";

    /// <summary>URL: path and query.</summary>
    public string Path { get; init; } = "/";

    /// <summary>URL: https.</summary>
    public bool Tls { get; init; }

    /// <summary>URL: its host as an address; null for a name.</summary>
    public IPAddress? Address => IPAddress.TryParse(Host, out var address) ? address : null;

    /// <summary>Reads NAME, service/NAME, ingress/NAME, pod/NAME (with kubectl's short names), http(s)://HOST[:PORT]/PATH or HOST:PORT.</summary>
    /// <returns>Null when it is none of them.</returns>
    public static PathTarget? Parse(string text, string ns, string? port)
    {
        if (text.Contains("://", StringComparison.Ordinal))
        {
            return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri is { Host.Length: > 0 } ? OfUri(text, ns, uri) : null;
        }

        var slash = text.IndexOf('/');
        if (slash < 0 && text.LastIndexOf(':') > 0)
        {
            return Uri.TryCreate("http://" + text, UriKind.Absolute, out var address) ? OfUri(text, ns, address) : null;
        }

        var name = text[(slash + 1)..];
        var kind = slash < 0 ? TargetKind.Service : KindOf(text[..slash]);
        if (kind is null || name.Length == 0 || name.Contains('/'))
        {
            return null;
        }

        var isNumber = int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        return new(kind.Value, text, ns, name) { Port = number, PortName = isNumber ? "" : port ?? "" };
    }

    private static PathTarget OfUri(string text, string ns, Uri uri) => new(TargetKind.Url, text, ns, "")
    {
        Host = uri.Host.Trim('[', ']'),
        Port = uri.Port,
        Path = uri.PathAndQuery,
        Tls = uri.Scheme == "https",
    };

    private static TargetKind? KindOf(string word) => word switch
    {
        "service" or "services" or "svc" => TargetKind.Service,
        "ingress" or "ingresses" or "ing" => TargetKind.Ingress,
        "pod" or "pods" or "po" => TargetKind.Pod,
        _ => null,
    };
}
