using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Kobune.ControllerManager.Certificates;

/// <summary>What a PKCS#10 request asks for.</summary>
internal sealed record RequestedCertificate(string CommonName, IReadOnlyList<string> Organizations)
{
    private const string CommonNameType = "2.5.4.3";
    private const string OrganizationType = "2.5.4.10";
    private const int MailTag = 1;
    private const int UriTag = 6;

    public IReadOnlyList<string> DnsNames { get; init; } = [];

    public IReadOnlyList<IPAddress> Addresses { get; init; } = [];

    /// <summary>Whether it names an address of mail.</summary>
    public bool HasMail { get; init; }

    /// <summary>Whether it names a URI.</summary>
    public bool HasUri { get; init; }

    /// <summary>Reads PEM; null, and why, when it cannot be read.</summary>
    public static RequestedCertificate? Read(ReadOnlySpan<byte> pem, out string problem)
    {
        problem = "";
        try
        {
            var request = CertificateRequest.LoadSigningRequestPem(Encoding.UTF8.GetString(pem), HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
            var names = request.CertificateExtensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
            var parts = PartsOf(request.SubjectName);
            return new(parts.LastOrDefault(p => p.Type == CommonNameType).Value ?? "", [.. parts.Where(p => p.Type == OrganizationType).Select(p => p.Value)])
            {
                DnsNames = [.. names?.EnumerateDnsNames() ?? []],
                Addresses = [.. names?.EnumerateIPAddresses() ?? []],
                HasMail = names is not null && Has(names, MailTag),
                HasUri = names is not null && Has(names, UriTag),
            };
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or AsnContentException)
        {
            problem = e.Message;
            return null;
        }
    }

    /// <summary>
    /// What a subject is made of, in its order. A step of it may have several parts (O=a+CN=b), which all count: a group that hid there would be signed unseen.
    /// </summary>
    private static List<(string Type, string Value)> PartsOf(X500DistinguishedName subject)
    {
        var parts = new List<(string, string)>();
        for (var steps = new AsnReader(subject.RawData, AsnEncodingRules.DER).ReadSequence(); steps.HasData;)
        {
            for (var step = steps.ReadSetOf(skipSortOrderValidation: true); step.HasData;)
            {
                var part = step.ReadSequence();
                var type = part.ReadObjectIdentifier();
                if (type is CommonNameType or OrganizationType)
                {
                    parts.Add((type, part.ReadCharacterString((UniversalTagNumber)part.PeekTag().TagValue)));
                }
            }
        }

        return parts;
    }

    /// <summary>Whether there are names of a kind. Each name is one tagged value of the extension's sequence.</summary>
    private static bool Has(X509SubjectAlternativeNameExtension names, int tag)
    {
        for (var sequence = new AsnReader(names.RawData, AsnEncodingRules.DER).ReadSequence(); sequence.HasData; sequence.ReadEncodedValue())
        {
            if (sequence.PeekTag().TagValue == tag)
            {
                return true;
            }
        }

        return false;
    }
}
