using Kobune.Api.Core.V1;
using Kobune.ApiServer.Kinds.Certificates;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>Files with trust anchors, and with a key and the certificate that the kubelet gets for it (upstream's validateProjectionSources).</summary>
internal static class CertificateProjectionRules
{
    private const int LeastSeconds = 3600;
    private const int MostSeconds = 91 * 86400;
    private static readonly string[] KeyTypes = ["RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519"];

    public static void Bundle(ClusterTrustBundleProjection bundle, string path, FieldErrors errors)
    {
        switch (bundle.Name, bundle.SignerName)
        {
            case ({ } name, null):
                Name(name, path + ".name", errors);
                if (bundle.LabelSelector is not null)
                {
                    errors.Invalid(path + ".labelSelector", bundle.LabelSelector, "labelSelector must be unset if name is specified");
                }

                break;
            case (null, { } signer):
                if (signer.Length == 0)
                {
                    errors.Required(path + ".signerName", "must be a valid signer name");
                }

                SignerNames.Validate(signer, path + ".signerName", errors);
                errors.Selector(path + ".labelSelector", bundle.LabelSelector);
                break;
            case (null, null):
                errors.Required(path, "either name or signerName must be specified");
                break;
            default:
                errors.Invalid(path, bundle, "only one of name and signerName may be used");
                break;
        }

        errors.RequiredName(path + ".path", bundle.Path);
        PathRules.Local(bundle.Path, path + ".path", errors);
    }

    /// <summary><paramref name="once"/> is told every file: none may be there twice.</summary>
    public static void Certificate(PodCertificateProjection certificate, string path, Action<string> once, FieldErrors errors)
    {
        SignerNames.Validate(certificate.SignerName, path + ".signerName", errors);
        errors.OneOfAny(path + ".keyType", certificate.KeyType, KeyTypes);
        if (certificate.MaxExpirationSeconds < LeastSeconds)
        {
            errors.Invalid(path + ".maxExpirationSeconds", certificate.MaxExpirationSeconds, $"if provided, maxExpirationSeconds must be >= {LeastSeconds}");
        }

        if (certificate.MaxExpirationSeconds > MostSeconds)
        {
            errors.Invalid(path + ".maxExpirationSeconds", certificate.MaxExpirationSeconds, $"if provided, maxExpirationSeconds must be <= {MostSeconds}");
        }

        PodCertificateRequestStrategy.Annotations(certificate.UserAnnotations, path + ".userAnnotations", errors);
        var files = new[] { ("credentialBundlePath", certificate.CredentialBundlePath), ("keyPath", certificate.KeyPath), ("certificateChainPath", certificate.CertificateChainPath) };
        foreach (var (field, file) in files.Where(f => f.Item2.Length > 0))
        {
            once(file);
            PathRules.Local(file, $"{path}.{field}", errors);
        }

        if (files.All(f => f.Item2.Length == 0))
        {
            errors.Required(path, "specify at least one of credentialBundlePath, keyPath, and certificateChainPath");
        }
    }

    /// <summary>A bundle's name says whose it is.</summary>
    private static void Name(string name, string path, FieldErrors errors)
    {
        if (name.Length == 0)
        {
            errors.Required(path, "must be a valid object name");
        }

        var end = name.LastIndexOf(':');
        foreach (var problem in SignerNames.OfBundle(name, end < 0 ? "" : name[..end].Replace(':', '/')))
        {
            errors.Invalid(path, name, "not a valid clustertrustbundlename: " + problem);
        }
    }
}
