using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds;

/// <summary>Names such as acme.io/foo of who is responsible for something (k8s.io/apimachinery, util/validation: IsDomainPrefixedPath).</summary>
internal static class DomainPaths
{
    public static void DomainPath(this FieldErrors errors, string path, string value)
    {
        var slash = value.IndexOf('/', StringComparison.Ordinal);
        if (value.Length == 0)
        {
            errors.Required(path, "");
        }
        else if (slash <= 0 || slash == value.Length - 1)
        {
            errors.Invalid(path, value, "must be a domain-prefixed path (such as \"acme.io/foo\")");
        }
        else
        {
            errors.Names(path, value[..slash], NameValidation.Dns1123Subdomain(value[..slash]));
            if (!value[(slash + 1)..].All(c => char.IsAsciiLetterOrDigit(c) || "/%-._~!$&'()*+,;=:".Contains(c, StringComparison.Ordinal)))
            {
                errors.Invalid(path, value[(slash + 1)..], "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')");
            }
        }
    }
}
