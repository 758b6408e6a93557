using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Certificates;

/// <summary>Names of signers, "example.com/name", and of the trust bundles that begin with them. Source: pkg/apis/core/validation/names.go.</summary>
internal static class SignerNames
{
    private const int MaxDomain = 253;
    private const int MaxName = MaxDomain + 253 + 63 + 2;

    public static void Validate(string name, string path, FieldErrors errors)
    {
        var parts = name.Split('/');
        if (name.Length == 0)
        {
            errors.Required(path, "");
            return;
        }

        if (parts.Length != 2)
        {
            errors.Invalid(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'");
            return;
        }

        if (parts[0].Length > MaxDomain)
        {
            errors.TooLong(path, MaxDomain);
        }

        Labels(parts[0], NameValidation.Dns1123Label, path, errors);
        if (!parts[0].Contains('.', StringComparison.Ordinal))
        {
            errors.Invalid(path, parts[0], "should be a domain with at least two segments separated by dots");
        }

        Labels(parts[1], NameValidation.Dns1123Subdomain, path, errors);
        if (name.Length > MaxName)
        {
            errors.TooLong(path, MaxName);
        }
    }

    /// <summary>What is wrong with the name of a trust bundle of this signer; of no signer's for the empty one.</summary>
    public static IReadOnlyList<string> OfBundle(string name, string signer)
    {
        if (signer.Length == 0)
        {
            return name.Contains(':', StringComparison.Ordinal) ? ["ClusterTrustBundle without signer name must not have \":\" in its name"] : NameValidation.Dns1123Subdomain(name);
        }

        var prefix = signer.Replace('/', ':') + ":";
        return name.StartsWith(prefix, StringComparison.Ordinal)
            ? NameValidation.Dns1123Subdomain(name[prefix.Length..])
            : [$"ClusterTrustBundle for signerName {signer} must be named with prefix {prefix}"];
    }

    /// <summary>Of the first label that is none: what is wrong with the others is mostly the same.</summary>
    private static void Labels(string segment, Func<string, IReadOnlyList<string>> rule, string path, FieldErrors errors)
    {
        if (segment.Split('.').FirstOrDefault(l => rule(l).Count > 0) is { } label)
        {
            foreach (var problem in rule(label))
            {
                errors.Invalid(path, segment, $"validating label \"{label}\": {problem}");
            }
        }
    }
}
