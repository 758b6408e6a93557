using System.Text.RegularExpressions;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.AdmissionRegistration;

/// <summary>Where webhooks may be, those of admission and of conversion alike. Source: k8s.io/apiserver, util/webhook/validation.go.</summary>
internal static partial class ClientRules
{
    private const string Form = "; desired format: https://host[/path]";
    private static readonly string[] Reviews = ["v1", "v1beta1"];

    /// <summary>Versions of reviews: no version twice, one that is known.</summary>
    public static void Versions(IReadOnlyList<string> versions, string path, bool allowsUnknown, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < versions.Count; i++)
        {
            if (!seen.Add(versions[i]))
            {
                errors.Invalid($"{path}[{i}]", versions[i], "duplicate version");
                continue;
            }

            errors.Names($"{path}[{i}]", versions[i], NameValidation.Dns1035Label(versions[i]));
        }

        if (!allowsUnknown && !versions.Any(Reviews.Contains))
        {
            errors.Invalid(path, versions, $"must include at least one of {string.Join(", ", Reviews)}");
        }
    }

    public static void Url(string text, string path, FieldErrors errors)
    {
        var hostless = HostlessForm().Match(text); // none to .NET, which gets a host for it
        var whole = hostless.Success ? $"{hostless.Groups["scheme"]}://host{hostless.Groups["rest"]}" : text;
        if (!Uri.TryCreate(whole, UriKind.RelativeOrAbsolute, out var url))
        {
            errors.Required(path, $"url must be a valid URL: parse \"{text}\": invalid URI for request{Form}");
            return;
        }

        // .NET takes an absolute path for the URL of a file.
        var (scheme, host) = url.IsAbsoluteUri && text.Contains(':', StringComparison.Ordinal) ? (url.Scheme, url.Host) : ("", "");
        if (scheme != "https")
        {
            errors.Invalid(path, scheme, $"'https' is the only allowed URL scheme{Form}");
        }

        if (hostless.Success || host.Length == 0)
        {
            errors.Invalid(path, "", $"host must be specified{Form}");
        }

        if (!url.IsAbsoluteUri)
        {
            return;
        }

        if (url.UserInfo.Length > 0)
        {
            errors.Invalid(path, url.UserInfo, "user information is not permitted in the URL");
        }

        if (url.Fragment.Length > 1)
        {
            errors.Invalid(path, url.Fragment[1..], "fragments are not permitted in the URL");
        }

        if (url.Query.Length > 1)
        {
            errors.Invalid(path, url.Query[1..], "query parameters are not permitted in the URL");
        }
    }

    public static void Service(string ns, string name, string? urlPath, long port, string path, FieldErrors errors)
    {
        // Upstream's callers hand over the two in the other order than they are declared in: each is told at the other's path.
        if (ns.Length == 0)
        {
            errors.Required($"{path}.name", "");
        }

        if (name.Length == 0)
        {
            errors.Required($"{path}.namespace", "");
        }

        if (NameValidation.PortNumber(port) is { Count: > 0 } problems)
        {
            errors.Invalid($"{path}.port", port, $"port is not valid: {string.Join(", ", problems)}");
        }

        if (urlPath is { Length: > 0 } and not "/")
        {
            UrlPath(urlPath, $"{path}.path", errors);
        }
    }

    private static void UrlPath(string urlPath, string path, FieldErrors errors)
    {
        if (urlPath == "//")
        {
            errors.Invalid(path, urlPath, "segment[0] may not be empty");
            return;
        }

        if (!urlPath.StartsWith('/'))
        {
            errors.Invalid(path, urlPath, "must start with a '/'");
        }

        var rest = urlPath[1..];
        var segments = (rest.EndsWith('/') ? rest[..^1] : rest).Split('/');
        for (var i = 0; i < segments.Length; i++)
        {
            if (segments[i].Length == 0)
            {
                errors.Invalid(path, urlPath, $"segment[{i}] may not be empty");
                continue;
            }

            foreach (var problem in NameValidation.Dns1123Subdomain(segments[i]))
            {
                errors.Invalid(path, urlPath, $"segment[{i}]: {problem}");
            }
        }
    }

    [GeneratedRegex("^(?<scheme>[a-zA-Z][a-zA-Z0-9+.-]*)://(?<rest>$|[/?#].*)")]
    private static partial Regex HostlessForm();
}
