namespace Kobune.Ingress.Settings;

/// <summary>The controller's ConfigMap: what holds for all hosts, and the defaults of the annotations. Keys and defaults are ingress-nginx'.</summary>
internal sealed record GlobalSettings
{
    public static GlobalSettings Default { get; } = new();

    /// <summary>What a location has unless its Ingress says otherwise.</summary>
    public LocationSettings Location { get; init; } = new();

    public bool Hsts { get; init; } = true;

    public int HstsMaxAge { get; init; } = 31536000;

    public bool HstsIncludeSubdomains { get; init; } = true;

    public bool HstsPreload { get; init; }

    /// <summary>Whether X-Forwarded-* of the client are believed and passed on.</summary>
    public bool UseForwardedHeaders { get; init; }

    /// <summary>The value of Strict-Transport-Security; null when switched off.</summary>
    public string? HstsHeader => !Hsts ? null : $"max-age={HstsMaxAge}{(HstsIncludeSubdomains ? "; includeSubDomains" : "")}{(HstsPreload ? "; preload" : "")}";

    /// <summary>Pure.</summary>
    public static GlobalSettings Parse(IReadOnlyDictionary<string, string> data)
    {
        var keys = new AnnotationReader(data, "");
        return new()
        {
            Location = LocationSettings.ParseDefaults(keys),
            Hsts = keys.Flag("hsts") ?? Default.Hsts,
            HstsMaxAge = keys.Number("hsts-max-age") ?? Default.HstsMaxAge,
            HstsIncludeSubdomains = keys.Flag("hsts-include-subdomains") ?? Default.HstsIncludeSubdomains,
            HstsPreload = keys.Flag("hsts-preload") ?? Default.HstsPreload,
            UseForwardedHeaders = keys.Flag("use-forwarded-headers") ?? Default.UseForwardedHeaders,
        };
    }
}
