namespace Kobune.Ingress.Settings;

/// <summary>affinity: cookie, with session-cookie-*.</summary>
internal sealed record AffinitySettings
{
    public string CookieName { get; init; } = "INGRESSCOOKIE";

    /// <summary>affinity-mode: persistent keeps a session at its endpoint as long as that lives; balanced lets a part of the sessions move when endpoints come.</summary>
    public bool Persistent { get; init; }

    /// <summary>Null for the location's path.</summary>
    public string? Path { get; init; }

    public string? Domain { get; init; }

    public string? SameSite { get; init; }

    /// <summary>Seconds from now; negative ones end the cookie at once.</summary>
    public int? Expires { get; init; }

    public int? MaxAge { get; init; }

    /// <summary>Null: as the request came.</summary>
    public bool? Secure { get; init; }

    /// <summary>Whether a session whose endpoint failed is given another one for good.</summary>
    public bool ChangeOnFailure { get; init; }

    /// <summary>SameSite=None is left out for browsers that misunderstand it.</summary>
    public bool ConditionalSameSiteNone { get; init; }

    public static AffinitySettings? Parse(AnnotationReader keys) => keys.Text("affinity") != "cookie" ? null : new()
    {
        CookieName = keys.Text("session-cookie-name") ?? "INGRESSCOOKIE",
        Persistent = keys.Text("affinity-mode") == "persistent",
        Path = keys.Text("session-cookie-path"),
        Domain = keys.Text("session-cookie-domain"),
        SameSite = keys.Text("session-cookie-samesite"),
        Expires = keys.Number("session-cookie-expires"),
        MaxAge = keys.Number("session-cookie-max-age"),
        Secure = keys.Flag("session-cookie-secure"),
        ChangeOnFailure = keys.Flag("session-cookie-change-on-failure") ?? false,
        ConditionalSameSiteNone = keys.Flag("session-cookie-conditional-samesite-none") ?? false,
    };
}
