using System.Text.RegularExpressions;

namespace Kobune.Ingress.Settings;

/// <summary>enable-cors, with cors-*.</summary>
internal sealed record CorsSettings
{
    public string AllowMethods { get; init; } = "GET, PUT, POST, DELETE, PATCH, OPTIONS";

    public string AllowHeaders { get; init; } = "DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization";

    public string? ExposeHeaders { get; init; }

    public bool AllowCredentials { get; init; } = true;

    public int MaxAge { get; init; } = 1728000;

    /// <summary>The origins that are let in; null for all of them ("*").</summary>
    public Regex? Origins { get; init; }

    /// <summary>What Access-Control-Allow-Origin says to a client of this origin; null when it gets no such header.</summary>
    public string? AllowOrigin(string origin) => Origins is null ? "*" : origin.Length > 0 && Origins.IsMatch(origin) ? origin : null;

    public static CorsSettings? Parse(AnnotationReader keys)
    {
        if (keys.Flag("enable-cors") is not true)
        {
            return null;
        }

        var defaults = new CorsSettings();
        return new()
        {
            AllowMethods = keys.Text("cors-allow-methods") ?? defaults.AllowMethods,
            AllowHeaders = keys.Text("cors-allow-headers") ?? defaults.AllowHeaders,
            ExposeHeaders = keys.Text("cors-expose-headers"),
            AllowCredentials = keys.Flag("cors-allow-credentials") ?? true,
            MaxAge = keys.Number("cors-max-age") ?? defaults.MaxAge,
            Origins = OriginPattern(keys.List("cors-allow-origin", "cors-allow-origin") ?? ["*"]),
        };
    }

    /// <summary>"https://*.example.com" stands for one label, as ingress-nginx has it.</summary>
    private static Regex? OriginPattern(string[] origins) => origins.Contains("*") || origins.Length == 0
        ? null
        : new("^(?:" + string.Join('|', origins.Select(o => Regex.Escape(o).Replace("\\*", "[A-Za-z0-9-]+", StringComparison.Ordinal))) + ")$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
}
