using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Kinds;
using Kobune.Cel;

namespace Kobune.ApiServer.Authentication.Configuration;

internal sealed partial class AuthenticationFile
{
    private string Url(JsonObject issuer, string path)
    {
        var url = issuer.Text("url");
        if (url.Length == 0)
        {
            _errors.Required(path, "");
        }
        else
        {
            CheckUrl(url, path, isIssuer: true);
        }

        return url;
    }

    private string Discovery(JsonObject issuer, string path)
    {
        var (url, discovery) = (issuer.Text("url"), issuer.Text("discoveryURL"));
        if (discovery.Length > 0)
        {
            if (url.Length > 0 && url.TrimEnd('/') == discovery.TrimEnd('/'))
            {
                _errors.Invalid(path, discovery, "discoveryURL must be different from URL");
            }

            CheckUrl(discovery, path, isIssuer: false);
        }

        return discovery;
    }

    private string Authority(JsonObject issuer, string path)
    {
        var authority = issuer.Text("certificateAuthority");
        if (authority.Length > 0 && !IsAuthority(authority))
        {
            _errors.Invalid(path, "<omitted>", "data does not contain any valid RSA or ECDSA certificates");
        }

        return authority;
    }

    private void CheckEgress(JsonObject issuer, string path)
    {
        if (issuer.Text("egressSelectorType") is { Length: > 0 } selector)
        {
            _errors.Invalid(path, selector, selector is "controlplane" or "cluster" ? "egress selector is not supported: there is one network" : "egress selector must be either controlplane or cluster");
        }
    }

    private static bool IsAuthority(string pem)
    {
        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(pem);
            return certificates.Count > 0;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private void CheckUrl(string url, string path, bool isIssuer)
    {
        if (isIssuer && url == _ownIssuer)
        {
            _errors.Invalid(path, url, $"URL must not overlap with disallowed issuers: [{_ownIssuer}]");
        }

        if (GoForms.UrlProblem(url) is { } problem)
        {
            _errors.Invalid(path, url, problem);
            return;
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var parsed))
        {
            _errors.Invalid(path, url, "URL scheme must be https");
            return;
        }

        foreach (var (isWrong, rule) in (ReadOnlySpan<(bool, string)>)
                 [
                     (parsed.Scheme != "https", "URL scheme must be https"), (parsed.UserInfo.Length > 0, "URL must not contain a username or password"),
                     (parsed.Query.Length > 1, "URL must not contain a query"), (parsed.Fragment.Length > 1, "URL must not contain a fragment"),
                 ])
        {
            if (isWrong)
            {
                _errors.Invalid(path, url, rule);
            }
        }
    }

    private List<string> Audiences(JsonObject issuer, string path)
    {
        List<string> audiences = [.. (issuer["audiences"] as JsonArray ?? []).Select(a => a is JsonValue value && value.TryGetValue(out string? text) ? text : "")];
        var policy = issuer.Text("audienceMatchPolicy");
        if (audiences.Count == 0)
        {
            _errors.Required(path + ".audiences", $"at least one {path}.audiences is required");
            return audiences;
        }

        for (var i = 0; i < audiences.Count; i++)
        {
            if (audiences[i].Length == 0)
            {
                _errors.Required($"{path}.audiences[{i}]", "");
            }

            if (audiences.IndexOf(audiences[i]) < i)
            {
                _errors.Duplicate($"{path}.audiences[{i}]", audiences[i]);
            }
        }

        if (policy != "MatchAny" && (audiences.Count > 1 || policy.Length > 0))
        {
            _errors.Invalid(path + ".audienceMatchPolicy", policy, audiences.Count > 1 ? "audienceMatchPolicy must be MatchAny for multiple audiences" : "audienceMatchPolicy must be empty or MatchAny for single audience");
        }

        return audiences;
    }
}
