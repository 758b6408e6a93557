using System.Formats.Asn1;
using System.Text;
using Kobune.Api;
using Kobune.Api.Certificates.V1Beta1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Certificates;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Certificates;

/// <summary>Requests of kubelets for certificates of pods. Source: pkg/apis/certificates/validation, ValidatePodCertificateRequestCreate and its siblings. Who may write a status stands in CertificateSigning.</summary>
internal sealed class PodCertificateRequestStrategy : KindStrategy
{
    private const int LeastSeconds = 3600;
    private const int MostSeconds = 91 * 86400;
    private const int MostOfKubernetes = 86400;
    private const int MaxKey = 10 * 1024;
    private const int MaxUid = 128;
    private const int MaxAnnotations = 256 * 1024;
    private const string KeyPath = "spec.pkixPublicKey";
    private const string ProofPath = "spec.proofOfPossession";
    private const string StubPath = "spec.stubPKCS10Request";

    public override (string Group, string Resource) Resource => ("certificates.k8s.io", "podcertificaterequests");

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var spec = obj.Read<PodCertificateRequest>().Spec;
        SignerNames.Validate(spec.SignerName, "spec.signerName", errors);
        Annotations(spec.UnverifiedUserAnnotations, "spec.unverifiedUserAnnotations", errors);
        errors.Names("spec.podName", spec.PodName, NameValidation.Dns1123Subdomain(spec.PodName));
        Uid("spec.podUID", spec.PodUid, errors);
        errors.Names("spec.serviceAccountName", spec.ServiceAccountName, NameValidation.Dns1123Subdomain(spec.ServiceAccountName));
        Uid("spec.serviceAccountUID", spec.ServiceAccountUid, errors);
        errors.Names("spec.nodeName", spec.NodeName, NameValidation.Dns1123Subdomain(spec.NodeName));
        Uid("spec.nodeUID", spec.NodeUid, errors);
        if (spec.MaxExpirationSeconds is not { } seconds)
        {
            errors.Required("spec.maxExpirationSeconds", "must be set");
            return;
        }

        var domain = spec.SignerName.Split('/')[0];
        var most = domain == "kubernetes.io" || domain.EndsWith(".kubernetes.io", StringComparison.Ordinal) ? MostOfKubernetes : MostSeconds;
        if (seconds < LeastSeconds || seconds > most)
        {
            errors.Invalid("spec.maxExpirationSeconds", seconds, $"must be in the range [{LeastSeconds}, {most}]");
        }

        Key(spec, errors);
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        var (now, before) = (obj.Read<PodCertificateRequest>(), old.Read<PodCertificateRequest>());
        if (subresource == "status")
        {
            PodCertificateStatusRules.Validate(now.Status, before, errors);
        }
        else
        {
            errors.Same("spec", now.Spec, before.Spec);
        }
    }

    /// <summary>The key that a certificate is wanted for; null when what the spec has is none.</summary>
    public static SubjectKey? KeyOf(PodCertificateRequestSpec spec) =>
        spec.StubPKCS10Request.Length > 0 ? Stub(spec.StubPKCS10Request)?.Key : SubjectKey.Parse(spec.PKIXPublicKey);

    private static void Uid(string path, string uid, FieldErrors errors)
    {
        if (uid.Length == 0)
        {
            errors.Invalid(path, uid, "must not be empty");
        }
        else if (Encoding.UTF8.GetByteCount(uid) > MaxUid)
        {
            errors.TooLong(path, MaxUid);
        }
    }

    internal static void Annotations(IReadOnlyDictionary<string, string> annotations, string path, FieldErrors errors)
    {
        foreach (var key in annotations.Keys.Select(k => k.ToLowerInvariant()).Order(StringComparer.Ordinal))
        {
            var problems = NameValidation.QualifiedName(key);
            if (key.Length == 0)
            {
                errors.Required(path, "");
            }
            else if (problems.Count > 0)
            {
                errors.Names(path, key, problems);
            }
            else if (!key.Contains('/', StringComparison.Ordinal))
            {
                errors.Invalid(path, key, "must be a domain-prefixed key (such as \"acme.io/foo\")");
            }
        }

        if (annotations.Sum(a => Encoding.UTF8.GetByteCount(a.Key) + Encoding.UTF8.GetByteCount(a.Value)) > MaxAnnotations)
        {
            errors.TooLong(path, MaxAnnotations);
        }
    }

    private static void Key(PodCertificateRequestSpec spec, FieldErrors errors)
    {
        foreach (var (path, bytes) in new[] { (KeyPath, spec.PKIXPublicKey), (ProofPath, spec.ProofOfPossession), (StubPath, spec.StubPKCS10Request) })
        {
            if (bytes.Length > MaxKey)
            {
                errors.TooLong(path, MaxKey);
                return;
            }
        }

        // The stub is v1.36's and replaces the other two. The texts about it are not upstream's words: they could not be looked up.
        if (spec.StubPKCS10Request.Length > 0)
        {
            FromStub(spec, errors);
        }
        else if (Usable(SubjectKey.Parse(spec.PKIXPublicKey), KeyPath, spec.PKIXPublicKey, "must be a valid PKIX-serialized public key", errors) is { } key
            && !key.HasSigned(Encoding.UTF8.GetBytes(spec.PodUid), spec.ProofOfPossession.Span))
        {
            errors.Add("FieldValueInvalid", ProofPath, "Invalid value: could not verify proof-of-possession signature");
        }
    }

    private static void FromStub(PodCertificateRequestSpec spec, FieldErrors errors)
    {
        if (spec.PKIXPublicKey.Length > 0 || spec.ProofOfPossession.Length > 0)
        {
            errors.Add("FieldValueInvalid", "spec", "Invalid value: exactly one of (stubPKCS10Request) or (pkixPublicKey, proofOfPossession) must be set");
            return;
        }

        var stub = Stub(spec.StubPKCS10Request);
        if (Usable(stub?.Key, StubPath, spec.StubPKCS10Request, "must be a valid PKCS#10 CSR", errors) is not null && !stub!.Value.IsSigned)
        {
            errors.Add("FieldValueInvalid", StubPath, "Invalid value: could not verify the signature of the PKCS#10 CSR");
        }
    }

    private static SubjectKey? Usable(SubjectKey? key, string path, ReadOnlyMemory<byte> shown, string otherwise, FieldErrors errors)
    {
        if (key is null)
        {
            errors.Invalid(path, Convert.ToBase64String(shown.Span), otherwise);
        }
        else if (!key.IsKnown)
        {
            errors.Invalid(path, Convert.ToBase64String(shown.Span), "unknown public key type; supported types are Ed25519, ECDSA, and RSA");
        }
        else if (key.Curve == "P-224")
        {
            errors.Invalid(path, "curve P-224", "elliptic public keys must use curve P256 or P384");
        }
        else if (key.ModulusBits is not (0 or 3072 or 4096))
        {
            errors.Invalid(path, $"{key.ModulusBits}-bit modulus", "RSA keys must have modulus size 3072 or 4096");
        }
        else
        {
            return key;
        }

        return null;
    }

    private static (SubjectKey Key, bool IsSigned)? Stub(ReadOnlyMemory<byte> encoded)
    {
        try
        {
            var outer = new AsnReader(encoded, AsnEncodingRules.DER);
            var request = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            var document = request.PeekEncodedValue();
            var info = request.ReadSequence();
            _ = info.ReadInteger();
            _ = info.ReadEncodedValue(); // the name
            var key = SubjectKey.Parse(info.ReadEncodedValue());
            var algorithm = request.ReadSequence().ReadObjectIdentifier();
            var signature = request.ReadBitString(out _);
            return key is null ? null : (key, key.HasSigned(algorithm, document.Span, signature));
        }
        catch (AsnContentException)
        {
            return null;
        }
    }
}
