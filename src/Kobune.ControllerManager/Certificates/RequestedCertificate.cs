using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Kobune.ControllerManager.Certificates;

/// <summary>What a PKCS#10 request asks for.</summary>
internal sealed record RequestedCertificate(string CommonName, IReadOnlyList<string> Organizations, IReadOnlyList<string> DnsNames, IReadOnlyList<IPAddress> Addresses, bool HasOtherNames)
{
    private const string CommonNameType = "2.5.4.3";
    private const string OrganizationType = "2.5.4.10";

    /// <summary>Whether it names any host.</summary>
    public bool HasNames => DnsNames.Count + Addresses.Count > 0 || HasOtherNames;

    /// <summary>Reads PEM; null, and why, when it cannot be read.</summary>
    public static RequestedCertificate? Read(ReadOnlySpan<byte> pem, out string problem)
    {
        problem = "";
        try
        {
            var request = CertificateRequest.LoadSigningRequestPem(Encoding.UTF8.GetString(pem), HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
            var parts = request.SubjectName.EnumerateRelativeDistinguishedNames().Where(p => !p.HasMultipleElements).ToArray();
            var names = request.CertificateExtensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
            var (dns, addresses) = (names?.EnumerateDnsNames().ToArray() ?? [], names?.EnumerateIPAddresses().ToArray() ?? []);
            return new(
                parts.LastOrDefault(p => p.GetSingleElementType().Value == CommonNameType)?.GetSingleElementValue() ?? "",
                [.. parts.Where(p => p.GetSingleElementType().Value == OrganizationType).Select(p => p.GetSingleElementValue() ?? "")],
                dns,
                addresses,
                names is not null && HasOthers(names));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            problem = e.Message;
            return null;
        }
    }

    /// <summary>Whether there are names of other kinds: addresses of mail, URIs. Each name is one tagged value of the extension's sequence.</summary>
    private static bool HasOthers(X509SubjectAlternativeNameExtension names)
    {
        var sequence = new System.Formats.Asn1.AsnReader(names.RawData, System.Formats.Asn1.AsnEncodingRules.DER).ReadSequence();
        while (sequence.HasData)
        {
            if (sequence.PeekTag().TagValue is not (2 or 7))
            {
                return true;
            }

            sequence.ReadEncodedValue();
        }

        return false;
    }
}
