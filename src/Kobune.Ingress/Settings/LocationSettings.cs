using System.Net;

namespace Kobune.Ingress.Settings;

/// <summary>What the annotations of an Ingress say about its locations, over the defaults of the ConfigMap. Immutable.</summary>
internal sealed record LocationSettings
{
    /// <summary>Why every request is refused with 503: an annotation that guards the location cannot be followed. Null when all is well.</summary>
    public string? Denied { get; init; }

    public string? RewriteTarget { get; init; }

    public bool UseRegex { get; init; }

    public string? AppRoot { get; init; }

    public bool SslRedirect { get; init; } = true;

    public bool ForceSslRedirect { get; init; }

    public int HttpRedirectCode { get; init; } = 308;

    /// <summary>permanent-redirect or temporal-redirect: the address, which may hold nginx variables.</summary>
    public string? RedirectTo { get; init; }

    public int RedirectCode { get; init; }

    /// <summary>Bytes; null for no limit.</summary>
    public long? BodySize { get; init; } = 1 << 20;

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(60);

    public NextUpstream NextUpstream { get; init; } = NextUpstream.Default;

    /// <summary>How many endpoints are tried; 0 for all.</summary>
    public int NextUpstreamTries { get; init; } = 3;

    /// <summary>How long endpoints are tried; zero for no limit.</summary>
    public TimeSpan NextUpstreamTimeout { get; init; }

    public BackendProtocol Protocol { get; init; }

    /// <summary>The Host that the endpoint sees; null for the client's.</summary>
    public string? UpstreamVhost { get; init; }

    public string? ForwardedPrefix { get; init; }

    /// <summary>Whether the Service's address is used instead of its endpoints.</summary>
    public bool ServiceUpstream { get; init; }

    /// <summary>The Service that answers while the location's own has no endpoints.</summary>
    public string? DefaultBackend { get; init; }

    public IReadOnlyList<string> ServerAliases { get; init; } = [];

    /// <summary>Clients that are let in; empty for all.</summary>
    public IReadOnlyList<IPNetwork> Allow { get; init; } = [];

    public IReadOnlyList<IPNetwork> Deny { get; init; } = [];

    public BasicAuthSettings? BasicAuth { get; init; }

    public AffinitySettings? Affinity { get; init; }

    public CorsSettings? Cors { get; init; }

    /// <summary>The keys of the ConfigMap that are defaults of annotations. Pure.</summary>
    public static LocationSettings ParseDefaults(AnnotationReader keys) => SourceRanges(Common(new(), keys), keys);

    /// <summary>The annotations of one Ingress. Pure.</summary>
    public static LocationSettings Parse(IReadOnlyDictionary<string, string> annotations, LocationSettings defaults)
    {
        var keys = new AnnotationReader(annotations, AnnotationReader.Prefix);
        var rewrite = keys.Text("rewrite-target");
        var settings = SourceRanges(Redirects(Common(defaults, keys), keys), keys) with
        {
            RewriteTarget = rewrite,
            UseRegex = keys.Flag("use-regex") ?? false,
            AppRoot = keys.Text("app-root") is { } root && root.StartsWith('/') ? root : null,
            UpstreamVhost = keys.Text("upstream-vhost"),
            ForwardedPrefix = keys.Text("x-forwarded-prefix"),
            DefaultBackend = keys.Text("default-backend"),
            ServerAliases = keys.List("server-alias", "server-alias") ?? [],
            BasicAuth = BasicAuthSettings.Parse(keys),
            Affinity = AffinitySettings.Parse(keys),
            Cors = CorsSettings.Parse(keys),
        };
        return keys.Text("auth-type") is { } type && type != "basic" ? settings with { Denied = "invalid authentication type" } : settings;
    }

    /// <summary>What the ConfigMap and the annotations call alike.</summary>
    private static LocationSettings Common(LocationSettings before, AnnotationReader keys) => before with
    {
        SslRedirect = keys.Flag("ssl-redirect") ?? before.SslRedirect,
        ForceSslRedirect = keys.Flag("force-ssl-redirect") ?? before.ForceSslRedirect,
        HttpRedirectCode = keys.Number("http-redirect-code") is { } code and (301 or 302 or 307 or 308) ? code : before.HttpRedirectCode,
        BodySize = SizeText.Parse(keys.Text("proxy-body-size")) is { } size ? size == 0 ? null : size : before.BodySize,
        ConnectTimeout = keys.Seconds("proxy-connect-timeout") ?? before.ConnectTimeout,
        SendTimeout = keys.Seconds("proxy-send-timeout") ?? before.SendTimeout,
        ReadTimeout = keys.Seconds("proxy-read-timeout") ?? before.ReadTimeout,
        NextUpstream = NextUpstreams.Parse(keys.Text("proxy-next-upstream")) ?? before.NextUpstream,
        NextUpstreamTries = keys.Number("proxy-next-upstream-tries") is { } tries and >= 0 ? tries : before.NextUpstreamTries,
        NextUpstreamTimeout = keys.Seconds("proxy-next-upstream-timeout") ?? before.NextUpstreamTimeout,
        ServiceUpstream = keys.Flag("service-upstream") ?? before.ServiceUpstream,
        Protocol = keys.Text("backend-protocol")?.ToUpperInvariant() switch
        {
            "HTTP" => BackendProtocol.Http,
            "HTTPS" => BackendProtocol.Https,
            "GRPC" => BackendProtocol.Grpc,
            "GRPCS" => BackendProtocol.Grpcs,
            _ => before.Protocol,
        },
    };

    private static LocationSettings Redirects(LocationSettings before, AnnotationReader keys)
    {
        if (keys.Text("temporal-redirect") is { } temporal)
        {
            return before with { RedirectTo = temporal, RedirectCode = Code(keys.Number("temporal-redirect-code"), 302) };
        }

        return keys.Text("permanent-redirect") is { } permanent
            ? before with { RedirectTo = permanent, RedirectCode = Code(keys.Number("permanent-redirect-code"), 301) }
            : before;
    }

    private static int Code(int? given, int otherwise) => given is >= 300 and <= 308 ? given.Value : otherwise;

    private static LocationSettings SourceRanges(LocationSettings before, AnnotationReader keys)
    {
        var allow = SourceRange.Parse(keys.List("whitelist-source-range", "allowlist-source-range"));
        var deny = SourceRange.Parse(keys.List("denylist-source-range", "denylist-source-range"));
        var denied = allow.Bad ?? deny.Bad;
        return before with
        {
            Allow = allow.Ranges ?? before.Allow,
            Deny = deny.Ranges ?? before.Deny,
            Denied = denied is null ? before.Denied : $"the annotation does not contain a valid IP address or network: {denied}",
        };
    }
}
