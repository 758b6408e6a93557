using Kobune.ApiServer.Admission.Policies;
using Kobune.ApiServer.Authentication.OpenId;

namespace Kobune.ApiServer.Authentication.Configuration;

/// <summary>What an AuthenticationConfiguration says.</summary>
/// <param name="Jwt">Issuers whose tokens are taken.</param>
/// <param name="Anonymous">Who may come without a credential; null where the file does not say.</param>
internal sealed record AuthenticationSetting(IReadOnlyList<JwtSetting> Jwt, AnonymousSetting? Anonymous);

/// <summary>Whether nobody is somebody.</summary>
/// <param name="Enabled">Whether a request may come without a credential.</param>
/// <param name="Paths">For which paths; empty for all.</param>
internal sealed record AnonymousSetting(bool Enabled, IReadOnlyList<string> Paths)
{
    public static bool AreSame(AnonymousSetting? one, AnonymousSetting? other) =>
        one is null || other is null ? one == other : one.Enabled == other.Enabled && one.Paths.SequenceEqual(other.Paths);

    /// <summary>Whether a path may be asked for without a credential; it is one of the paths as a whole.</summary>
    public bool Allows(string path) => Enabled && (Paths.Count == 0 || Paths.Contains(path));
}

/// <summary>One issuer: how its tokens are verified, what they must say, and which user they name.</summary>
internal sealed record JwtSetting
{
    /// <summary>The issuer, its authorities and where its configuration is.</summary>
    public required OpenIdOptions Issuer { get; init; }

    public required IReadOnlyList<string> Audiences { get; init; }

    /// <summary>Claims and the values that they must have.</summary>
    public required IReadOnlyList<(string Claim, string Value)> RequiredClaims { get; init; }

    public required IReadOnlyList<ValidationRule> ClaimRules { get; init; }

    public required ClaimMapping Username { get; init; }

    public required ClaimMapping Groups { get; init; }

    public required ClaimMapping Uid { get; init; }

    public required IReadOnlyList<(string Key, PolicyExpression Value)> Extra { get; init; }

    public required IReadOnlyList<ValidationRule> UserRules { get; init; }
}

/// <summary>A rule and what is told to whom it refuses.</summary>
internal sealed record ValidationRule(PolicyExpression Expression, string Message);

/// <summary>Where a value comes from: a claim with a prefix, an expression, or with neither nowhere.</summary>
internal sealed record ClaimMapping(string Claim, string Prefix, PolicyExpression? Expression);
