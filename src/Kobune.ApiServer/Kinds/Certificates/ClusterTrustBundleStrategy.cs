using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using Kobune.Api;
using Kobune.Api.Certificates.V1Beta1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Certificates;

/// <summary>Certificates of authorities that all pods may trust. Source: pkg/apis/certificates/validation, ValidateClusterTrustBundle.</summary>
internal sealed partial class ClusterTrustBundleStrategy : KindStrategy
{
    private const int MaxSize = 1024 * 1024;
    private const string Path = "spec.trustBundle";
    private const string Omitted = "<value omitted>";

    public override (string Group, string Resource) Resource => ("certificates.k8s.io", "clustertrustbundles");

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var bundle = obj.Read<ClusterTrustBundle>();
        Names(bundle, errors);
        Certificates(bundle.Spec.TrustBundle, errors);
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        var (now, before) = (obj.Read<ClusterTrustBundle>(), old.Read<ClusterTrustBundle>());
        Names(now, errors);
        if (now.Spec.TrustBundle != before.Spec.TrustBundle)
        {
            Certificates(now.Spec.TrustBundle, errors); // what is stored stays, whatever parsers have learned since
        }

        errors.Same("spec.signerName", now.Spec.SignerName, before.Spec.SignerName);
    }

    /// <summary>Those of a signer begin with its name.</summary>
    private static void Names(ClusterTrustBundle bundle, FieldErrors errors)
    {
        var (name, signer) = (bundle.Metadata.Name, bundle.Spec.SignerName);
        errors.Names("metadata.name", name, SignerNames.OfBundle(name, signer));
        if (signer.Length > 0)
        {
            SignerNames.Validate(signer, "spec.signerName", errors);
        }
    }

    private static void Certificates(string text, FieldErrors errors)
    {
        if (Encoding.UTF8.GetByteCount(text) > MaxSize)
        {
            errors.TooLong(Path, MaxSize);
            return;
        }

        var (before, seen) = (errors.Items.Count, new Dictionary<string, List<int>>(StringComparer.Ordinal));
        foreach (var (index, type, body) in Blocks(text))
        {
            if (Problem(type, body) is { } problem)
            {
                errors.Invalid(Path, Omitted, $"entry {index} {problem}");
            }
            else
            {
                seen.TryAdd(body, []);
                seen[body].Add(index);
            }
        }

        if (errors.Items.Count > before)
        {
            return; // what is missing or there twice would be told of what is not right
        }

        if (seen.Count == 0)
        {
            errors.Invalid(Path, Omitted, "at least one trust anchor must be provided");
        }

        foreach (var indexes in seen.Values.Where(i => i.Count > 1))
        {
            errors.Invalid(Path, Omitted, $"duplicate trust anchor (indices [{string.Join(' ', indexes)}])");
        }
    }

    /// <summary>The blocks with their types and bodies; what is no base64 is no block, as for Go.</summary>
    private static IEnumerable<(int Index, string Type, string Body)> Blocks(string text)
    {
        var index = 0;
        foreach (var (type, body) in Block().Matches(text).Select(m => (m.Groups[1].Value, m.Groups[2].Value)))
        {
            if (body.Contains(':', StringComparison.Ordinal) || Decoded(body) is not null)
            {
                yield return (index++, type, body.Contains(':', StringComparison.Ordinal) ? body : string.Concat(body.Where(c => !char.IsWhiteSpace(c))));
            }
        }
    }

    private static string? Problem(string type, string body)
    {
        if (type != "CERTIFICATE")
        {
            return $"has bad block type: {type}";
        }

        if (body.Contains(':', StringComparison.Ordinal))
        {
            return "has PEM block headers";
        }

        try
        {
            using var certificate = X509CertificateLoader.LoadCertificate(Decoded(body)!);
            return certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(e => e.CertificateAuthority) ? null : "does not have the CA bit set";
        }
        catch (CryptographicException)
        {
            return "does not parse as X.509";
        }
    }

    private static byte[]? Decoded(string body)
    {
        try
        {
            return Convert.FromBase64String(body);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    [GeneratedRegex("-----BEGIN ([^\n-]+)-----\r?\n(.*?)-----END \\1-----", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Block();
}
