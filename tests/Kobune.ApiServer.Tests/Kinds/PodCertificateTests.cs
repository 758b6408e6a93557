using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.ApiServer.Registry;
using static Kobune.ApiServer.Tests.Kinds.Strategies;

namespace Kobune.ApiServer.Tests.Kinds;

/// <summary>PodCertificateRequests: what a kubelet may ask for, and what a signer may answer.</summary>
public class PodCertificateTests
{
    private const string Label = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
    private const string Subdomain = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    private const string Kind = "podcertificaterequests.certificates.k8s.io";
    private const string Chain = "status.certificateChain: Invalid value: ";
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("ec256")]
    [InlineData("ec384")]
    [InlineData("ec521")]
    [InlineData("rsa3072")]
    [InlineData("rsa3072 short salt")]
    [InlineData("stub ec256")]
    [InlineData("stub rsa3072")]
    public void A_key_is_taken_from_who_has_it(string key) => Assert.Equal("", Create(Kind, Request(key)));

    [Theory]
    [InlineData("ec256", "podUID", "\"other\"", "spec.proofOfPossession: Invalid value: could not verify proof-of-possession signature")]
    [InlineData("rsa3072", "podUID", "\"other\"", "spec.proofOfPossession: Invalid value: could not verify proof-of-possession signature")]
    [InlineData("ec256", "proofOfPossession", "\"AQID\"", "spec.proofOfPossession: Invalid value: could not verify proof-of-possession signature")]
    [InlineData("ec256", "pkixPublicKey", "\"AQID\"", "spec.pkixPublicKey: Invalid value: \"AQID\": must be a valid PKIX-serialized public key")]
    [InlineData("ec256", "pkixPublicKey", "\"MCowBQYDK2VuAyEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"", "spec.pkixPublicKey: Invalid value: \"MCowBQYDK2VuAyEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\": unknown public key type; supported types are Ed25519, ECDSA, and RSA")]
    [InlineData("rsa2048", "nodeName", "\"n\"", "spec.pkixPublicKey: Invalid value: \"2048-bit modulus\": RSA keys must have modulus size 3072 or 4096")]
    [InlineData("stub ec256", "stubPKCS10Request", "\"AQID\"", "spec.stubPKCS10Request: Invalid value: \"AQID\": must be a valid PKCS#10 CSR")]
    [InlineData("stub ec256", "pkixPublicKey", "\"AQID\"", "spec: Invalid value: exactly one of (stubPKCS10Request) or (pkixPublicKey, proofOfPossession) must be set")]
    [InlineData("ec256", "signerName", "\"a\"", "spec.signerName: Invalid value: \"a\": must be a fully qualified domain and path of the form 'example.com/signer-name'")]
    [InlineData("ec256", "signerName", "\"a/b\"", "spec.signerName: Invalid value: \"a\": should be a domain with at least two segments separated by dots")]
    [InlineData("ec256", "signerName", "\"a.-/b.C\"", "spec.signerName: Invalid value: \"a.-\": validating label \"-\": " + Label + "\nspec.signerName: Invalid value: \"b.C\": validating label \"C\": " + Subdomain)]
    [InlineData("ec256", "serviceAccountUID", "\"\"", "spec.serviceAccountUID: Invalid value: \"\": must not be empty")]
    [InlineData("ec256", "nodeUID", "\"LONG\"", "spec.nodeUID: Too long: may not be more than 128 bytes")]
    [InlineData("ec256", "maxExpirationSeconds", "3599", "spec.maxExpirationSeconds: Invalid value: 3599: must be in the range [3600, 7862400]")]
    [InlineData("ec256", "maxExpirationSeconds", "7862401", "spec.maxExpirationSeconds: Invalid value: 7862401: must be in the range [3600, 7862400]")]
    [InlineData("ec256", "maxExpirationSeconds", "7862400", "")]
    [InlineData("ec256", "maxExpirationSeconds", "-", "spec.maxExpirationSeconds: Required value: must be set")]
    [InlineData("ec256", "unverifiedUserAnnotations", """{"a.io/B":"c"}""", "")]
    [InlineData("ec256", "unverifiedUserAnnotations", """{"plain":"c"}""", "spec.unverifiedUserAnnotations: Invalid value: \"plain\": must be a domain-prefixed key (such as \"acme.io/foo\")")]
    public void A_request_is_refused(string key, string field, string value, string problem) =>
        Assert.Equal(problem, Create(Kind, With(Request(key), "spec." + field, value.Replace("LONG", new('a', 129), StringComparison.Ordinal))));

    [Fact]
    public void Signers_of_Kubernetes_promise_no_more_than_a_day()
    {
        var request = With(With(Request("ec256"), "spec.signerName", "\"kubernetes.io/a\""), "spec.maxExpirationSeconds", "86401");
        Assert.Equal("spec.maxExpirationSeconds: Invalid value: 86401: must be in the range [3600, 86400]", Create(Kind, request));
    }

    [Fact]
    public void What_was_asked_stays()
    {
        var request = Request("ec256");
        Assert.Equal("", Update(Kind, request, With(request, "metadata.labels", """{"a":"b"}""")));
        Assert.StartsWith("spec: Invalid value: {\"SignerName\":\"example.com/a\",\"PodName\":\"other\",", Update(Kind, request, With(request, "spec.podName", "\"other\"")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("Denied", "")]
    [InlineData("Failed", "")]
    [InlineData("Denied chain", "status: Invalid value: non-condition status fields must be empty when denying or failing the PodCertificateRequest")]
    [InlineData("chain", "status: Invalid value: status is immutable unless transitioning to \"Issued\", \"Denied\", or \"Failed\"")]
    [InlineData("Some", "status.conditions.[0].type: Unsupported value: \"Some\": supported values: \"Issued\", \"Denied\", \"Failed\"")]
    [InlineData("Denied Failed", "status.conditions.[1].type: Invalid value: \"Failed\": There may be at most one condition with type \"Issued\", \"Denied\", or \"Failed\"")]
    [InlineData("Issued", Chain + "\"\": issued certificate chain must contain at least one certificate")]
    public void A_signer_ends_it_once(string status, string problem) => Assert.Equal(problem, Sign(Request("ec256"), Status(status)));

    [Fact]
    public void What_has_ended_stays() =>
        Assert.Equal("status: Invalid value: immutable after PodCertificateRequest is issued, denied, or failed", Sign(With(Request("ec256"), "status", Status("Denied")), Status("Failed")));

    [Theory]
    [InlineData("", "")]
    [InlineData("another key", Chain + "CHAIN: leaf certificate was not issued to the requested public key")]
    [InlineData("stub", "")]
    [InlineData("email a@b.c", "")]
    [InlineData("email nobody", Chain + "\"nobody\": leaf certificate should not contain invalid EmailAddress")]
    [InlineData("dns a..b", Chain + "\"a..b\": leaf certificate's DNSName should not contain '..'")]
    [InlineData("dns .a", Chain + "\".a\": leaf certificate's DNSName should not start or end with '.'")]
    [InlineData("minutes 59", Chain + "3540000000000: leaf certificate lifetime must be >= 1 hour")]
    [InlineData("minutes 1441", Chain + "86460000000000: leaf certificate lifetime must be <= spec.maxExpirationSeconds (86400)")]
    [InlineData("late 5", "status.notBefore: Invalid value: \"2026-03-01T12:05:00Z\": must be set to within 5 minutes of kube-apiserver's current time")]
    [InlineData("late 4", "")]
    [InlineData("notBefore 2026-03-01T12:00:01Z", "status.notBefore: Invalid value: \"2026-03-01T12:00:01Z\": must be set to the NotBefore time encoded in the leaf certificate")]
    [InlineData("notAfter 2026-03-01T12:00:01Z", "status.notAfter: Invalid value: \"2026-03-01T12:00:01Z\": must be set to the NotAfter time encoded in the leaf certificate")]
    [InlineData("beginRefreshAt 2026-03-01T12:09:59Z", "status.beginRefreshAt: Invalid value: \"2026-03-01T12:09:59Z\": must be at least 10 minutes after status.notBefore")]
    [InlineData("beginRefreshAt 2026-03-02T11:50:01Z", "status.beginRefreshAt: Invalid value: \"2026-03-02T11:50:01Z\": must be at least 10 minutes before status.notAfter")]
    [InlineData("beginRefreshAt -", "status.beginRefreshAt: Required value: must be present and in the range [notbefore+10min, notafter-10min]")]
    [InlineData("more -----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----", Chain + "CHAIN: intermediate certificate does not parse as valid X.509")]
    [InlineData("more -----BEGIN KEY-----\nAQID\n-----END KEY-----", Chain + "CHAIN: issued certificate chain must consist entirely of CERTFICATE PEM blocks")]
    public void A_certificate_is_for_the_pods_key_and_fresh(string change, string problem)
    {
        var (what, value) = change.Split(' ', 2) is [var one, var two] ? (one, two) : (change, "");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var from = Now.AddMinutes(what == "late" ? int.Parse(value) : 0);
        var until = from.AddMinutes(what == "minutes" ? int.Parse(value) : 1440);
        var certificate = new CertificateRequest("CN=a", what == "another" ? other : key, HashAlgorithmName.SHA256);
        if (what is "dns" or "email")
        {
            var writer = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
            using (writer.PushSequence())
            {
                writer.WriteCharacterString(System.Formats.Asn1.UniversalTagNumber.IA5String, value, new(System.Formats.Asn1.TagClass.ContextSpecific, what == "dns" ? 2 : 1));
            }

            certificate.CertificateExtensions.Add(new("2.5.29.17", writer.Encode(), critical: false));
        }

        using var leaf = certificate.CreateSelfSigned(from, until);
        var chain = leaf.ExportCertificatePem() + "\n" + (what == "more" ? value : "");
        var status = new JsonObject
        {
            ["conditions"] = Conditions("Issued"),
            ["certificateChain"] = chain,
            ["notBefore"] = ObjectTree.Rfc3339(from),
            ["notAfter"] = ObjectTree.Rfc3339(until),
            ["beginRefreshAt"] = ObjectTree.Rfc3339(from.AddMinutes(30)),
        };
        if (status.ContainsKey(what))
        {
            status[what] = value == "-" ? null : value;
        }

        Assert.Equal(problem.Replace("CHAIN", FieldValue.Show(chain), StringComparison.Ordinal), Sign(what == "stub" ? Stub(key) : Request(key, "u"), status.ToJsonString()));
    }

    private static string Sign(string request, string status)
    {
        var errors = new FieldErrors { Time = new ManualTime(Now) };
        Of(Kind).ValidateUpdate(new EncodedObject(Encoding.UTF8.GetBytes(With(request, "status", status))), new EncodedObject(Encoding.UTF8.GetBytes(request)), "status", errors);
        return string.Join("\n", errors.Items.Select(e => $"{e.Field}: {e.Message}"));
    }

    private static string Status(string words) => new JsonObject
    {
        ["conditions"] = Conditions([.. words.Split(' ').Where(w => w is not ("" or "chain"))]),
        ["certificateChain"] = words.Contains("chain", StringComparison.Ordinal) ? "a" : "",
    }.ToJsonString();

    private static JsonArray Conditions(params string[] types) =>
        [.. types.Select(t => new JsonObject { ["type"] = t, ["status"] = "True", ["reason"] = "R", ["message"] = "", ["lastTransitionTime"] = "2026-03-01T12:00:00Z" })];

    private static string Request(string key)
    {
        var (kind, isStub) = (key.Replace("stub ", "", StringComparison.Ordinal), key.StartsWith("stub", StringComparison.Ordinal));
        if (kind.StartsWith("ec", StringComparison.Ordinal))
        {
            using var elliptic = ECDsa.Create(kind switch { "ec256" => ECCurve.NamedCurves.nistP256, "ec384" => ECCurve.NamedCurves.nistP384, _ => ECCurve.NamedCurves.nistP521 });
            return isStub ? Stub(elliptic) : Request(elliptic, "u");
        }

        using var rsa = RSA.Create(int.Parse(kind[3..7]));
        return isStub ? Json("u", [], [], new CertificateRequest("CN=", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSigningRequest())
            : Json("u", rsa.ExportSubjectPublicKeyInfo(), kind.EndsWith("salt", StringComparison.Ordinal) ? rsa.SignData("u"u8, HashAlgorithmName.SHA256, RSASignaturePadding.Pss) : LongestSalt(rsa, "u"u8), []);
    }

    private static string Request(ECDsa key, string uid) =>
        Json(uid, key.ExportSubjectPublicKeyInfo(), key.SignData(Encoding.UTF8.GetBytes(uid), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence), []);

    private static string Stub(ECDsa key) => Json("u", [], [], new CertificateRequest("CN=", key, HashAlgorithmName.SHA256).CreateSigningRequest());

    private static string Json(string uid, byte[] key, byte[] proof, byte[] stub) => new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = "r", ["namespace"] = "n" },
        ["spec"] = new JsonObject
        {
            ["signerName"] = "example.com/a",
            ["podName"] = "p",
            ["podUID"] = uid,
            ["serviceAccountName"] = "s",
            ["serviceAccountUID"] = "su",
            ["nodeName"] = "n",
            ["nodeUID"] = "nu",
            ["maxExpirationSeconds"] = 86400,
            ["pkixPublicKey"] = Convert.ToBase64String(key),
            ["proofOfPossession"] = Convert.ToBase64String(proof),
            ["stubPKCS10Request"] = Convert.ToBase64String(stub),
        },
    }.ToJsonString();

    /// <summary>As Go signs: PSS with the longest salt, which the framework cannot make.</summary>
    private static byte[] LongestSalt(RSA rsa, ReadOnlySpan<byte> text)
    {
        var size = rsa.KeySize / 8;
        var salt = RandomNumberGenerator.GetBytes(size - 32 - 2);
        byte[] hashed = [.. new byte[8], .. SHA256.HashData(text), .. salt];
        var hash = SHA256.HashData(hashed);
        byte[] block = [1, .. salt];
        for (var i = 0; i < block.Length; i++)
        {
            var part = i / 32;
            byte[] seed = [.. hash, 0, 0, (byte)(part >> 8), (byte)part];
            block[i] ^= SHA256.HashData(seed)[i % 32];
        }

        block[0] &= 0x7f;
        byte[] encoded = [.. block, .. hash, 0xbc];
        var key = rsa.ExportParameters(includePrivateParameters: true);
        System.Numerics.BigInteger Number(byte[] bytes) => new(bytes, isUnsigned: true, isBigEndian: true);
        var signed = System.Numerics.BigInteger.ModPow(Number(encoded), Number(key.D!), Number(key.Modulus!)).ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[size - signed.Length], .. signed];
    }
}
