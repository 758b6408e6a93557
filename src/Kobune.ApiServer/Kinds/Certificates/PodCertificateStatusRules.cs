using System.Formats.Asn1;
using System.Globalization;
using System.Net.Mail;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Kobune.Api.Certificates.V1Beta1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Certificates;

/// <summary>What a signer may write: once one of three conditions, and with Issued a chain of certificates that is for the pod's key and no older than minutes. Source: pkg/apis/certificates/validation, ValidatePodCertificateRequestStatusUpdate.</summary>
internal static class PodCertificateStatusRules
{
    private const int MaxChain = 100 * 1024;
    private const string Conditions = "status.conditions";
    private const string Chain = "status.certificateChain";
    private static readonly string[] Ends = ["Issued", "Denied", "Failed"];
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(10);

    public static void Validate(PodCertificateRequestStatus now, PodCertificateRequest before, FieldErrors errors)
    {
        var known = errors.Items.Count;
        var ends = 0;
        for (var i = 0; i < now.Conditions.Count; i++)
        {
            var (condition, path) = (now.Conditions[i], $"{Conditions}.[{i}]"); // upstream's dot
            if (!Ends.Contains(condition.Type))
            {
                errors.NotSupported(path + ".type", condition.Type, Ends);
                continue;
            }

            if (++ends > 1)
            {
                errors.Invalid(path + ".type", condition.Type, "There may be at most one condition with type \"Issued\", \"Denied\", or \"Failed\"");
            }

            if (condition.Status != "True")
            {
                errors.NotSupported(path + ".status", condition.Status, ["True"]);
            }
        }

        ConditionRules.Validate(now.Conditions, Conditions, errors);
        if (errors.Items.Count > known)
        {
            return; // conditions decide what else is right
        }

        if (Ends.Any(e => Is(before.Status, e)))
        {
            Same(now, before.Status, "immutable after PodCertificateRequest is issued, denied, or failed", errors);
        }
        else if (Is(now, "Denied") || Is(now, "Failed"))
        {
            Same(now, new() { Conditions = now.Conditions }, "non-condition status fields must be empty when denying or failing the PodCertificateRequest", errors);
        }
        else if (Is(now, "Issued"))
        {
            Issued(now, before.Spec, errors);
        }
        else
        {
            Same(now, before.Status, "status is immutable unless transitioning to \"Issued\", \"Denied\", or \"Failed\"", errors);
        }
    }

    private static bool Is(PodCertificateRequestStatus status, string end) => status.Conditions.Any(c => c.Type == end && c.Status == "True");

    private static void Same(PodCertificateRequestStatus now, PodCertificateRequestStatus wanted, string problem, FieldErrors errors)
    {
        if (now != wanted)
        {
            errors.Add("FieldValueInvalid", "status", "Invalid value: " + problem);
        }
    }

    private static void Issued(PodCertificateRequestStatus status, PodCertificateRequestSpec spec, FieldErrors errors)
    {
        var chain = status.CertificateChain;
        if (Encoding.UTF8.GetByteCount(chain) > MaxChain)
        {
            errors.TooLong(Chain, MaxChain);
            return;
        }

        var blocks = Blocks(chain);
        if (blocks.Count == 0 || blocks[0].Label != "CERTIFICATE")
        {
            errors.Invalid(Chain, chain, blocks.Count == 0 ? "issued certificate chain must contain at least one certificate" : "issued certificate chain must consist entirely of CERTIFICATE PEM blocks");
            return;
        }

        using var leaf = Parse(blocks[0].Bytes);
        if (leaf is null)
        {
            errors.Invalid(Chain, chain, "leaf certificate does not parse as valid X.509");
            return;
        }

        Names(leaf, errors);
        if (PodCertificateRequestStrategy.KeyOf(spec) is not { } key || !key.Is(leaf.PublicKey.ExportSubjectPublicKeyInfo()))
        {
            errors.Invalid(Chain, chain, "leaf certificate was not issued to the requested public key");
            return;
        }

        if (Times(status, spec, leaf, errors))
        {
            Rest(chain, blocks, errors);
        }
    }

    /// <summary>Whether the times agree with the certificate and with what was asked for; tells the first one that does not.</summary>
    private static bool Times(PodCertificateRequestStatus status, PodCertificateRequestSpec spec, X509Certificate2 leaf, FieldErrors errors)
    {
        var known = errors.Items.Count;
        Required("status.notBefore", status.NotBefore, "must be present and consistent with the issued certificate");
        Required("status.notAfter", status.NotAfter, "must be present and consistent with the issued certificate");
        Required("status.beginRefreshAt", status.BeginRefreshAt, "must be present and in the range [notbefore+10min, notafter-10min]");
        if (errors.Items.Count > known || status is not { NotBefore: { } from, NotAfter: { } until, BeginRefreshAt: { } refresh })
        {
            return false;
        }

        DateTimeOffset first = leaf.NotBefore.ToUniversalTime(), last = leaf.NotAfter.ToUniversalTime();
        var (life, most) = (last - first, TimeSpan.FromSeconds(spec.MaxExpirationSeconds ?? 0));
        return Holds(from == first, "status.notBefore", Shown(from), "must be set to the NotBefore time encoded in the leaf certificate")
            && Holds((from - errors.Time.GetUtcNow()).Duration() < Skew, "status.notBefore", Shown(from), "must be set to within 5 minutes of kube-apiserver's current time")
            && Holds(until == last, "status.notAfter", Shown(until), "must be set to the NotAfter time encoded in the leaf certificate")
            && Holds(life >= TimeSpan.FromHours(1), Chain, Nanoseconds(life), "leaf certificate lifetime must be >= 1 hour")
            && Holds(life <= most, Chain, Nanoseconds(life), string.Create(CultureInfo.InvariantCulture, $"leaf certificate lifetime must be <= spec.maxExpirationSeconds ({spec.MaxExpirationSeconds})"))
            && Holds(refresh >= from + Margin, "status.beginRefreshAt", Shown(refresh), "must be at least 10 minutes after status.notBefore")
            && Holds(refresh <= until - Margin, "status.beginRefreshAt", Shown(refresh), "must be at least 10 minutes before status.notAfter");

        void Required(string path, DateTimeOffset? time, string detail)
        {
            if (time is null)
            {
                errors.Required(path, detail);
            }
        }

        bool Holds(bool holds, string path, object shown, string problem)
        {
            if (!holds)
            {
                errors.Invalid(path, shown, problem);
            }

            return holds;
        }
    }

    private static string Shown(DateTimeOffset time) => ObjectTree.Rfc3339(time);

    private static long Nanoseconds(TimeSpan time) => time.Ticks * TimeSpan.NanosecondsPerTick; // a Go duration in JSON

    private static void Rest(string chain, List<(string Label, byte[] Bytes)> blocks, FieldErrors errors)
    {
        foreach (var (label, bytes) in blocks.Skip(1))
        {
            using var certificate = label == "CERTIFICATE" ? Parse(bytes) : null;
            if (certificate is null)
            {
                errors.Invalid(Chain, chain, label == "CERTIFICATE" ? "intermediate certificate does not parse as valid X.509" : "issued certificate chain must consist entirely of CERTFICATE PEM blocks"); // upstream's spelling
                return;
            }
        }
    }

    private static List<(string Label, byte[] Bytes)> Blocks(string text)
    {
        var blocks = new List<(string, byte[])>();
        while (PemEncoding.TryFind(text, out var fields))
        {
            blocks.Add((text[fields.Label], Convert.FromBase64String(text[fields.Base64Data])));
            text = text[fields.Location.End..];
        }

        return blocks;
    }

    private static X509Certificate2? Parse(byte[] bytes)
    {
        try
        {
            return X509CertificateLoader.LoadCertificate(bytes);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static void Names(X509Certificate2 leaf, FieldErrors errors)
    {
        foreach (var extension in leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>())
        {
            var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            while (names.HasData)
            {
                var tag = names.PeekTag();
                var name = tag is { TagClass: TagClass.ContextSpecific, TagValue: 1 or 2 } ? names.ReadCharacterString(UniversalTagNumber.IA5String, tag) : null;
                if (name is null)
                {
                    names.ReadEncodedValue();
                }
                else if (tag.TagValue == 1)
                {
                    Refuse(!MailAddress.TryCreate(name, out _), name, "leaf certificate should not contain invalid EmailAddress");
                }
                else
                {
                    Refuse(name.Length == 0, name, "leaf certificate should not contain empty DNSName");
                    Refuse(name.Contains("..", StringComparison.Ordinal), name, "leaf certificate's DNSName should not contain '..'");
                    Refuse(name.StartsWith('.') || name.EndsWith('.'), name, "leaf certificate's DNSName should not start or end with '.'");
                }
            }
        }

        void Refuse(bool isWrong, string name, string problem)
        {
            if (isWrong)
            {
                errors.Invalid(Chain, name, problem);
            }
        }
    }
}
