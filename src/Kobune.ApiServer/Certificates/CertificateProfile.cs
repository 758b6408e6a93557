using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Kobune.ApiServer.Certificates;

/// <summary>What a leaf certificate says: who it is for and what it may be used for.</summary>
/// <param name="CommonName">Subject CN; for a client the user name.</param>
public sealed record CertificateProfile(string CommonName)
{
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");

    /// <summary>Subject O values; for a client the groups.</summary>
    public IReadOnlyList<string> Organizations { get; init; } = [];

    /// <summary>DNS names that a server answers to.</summary>
    public IReadOnlyList<string> DnsNames { get; init; } = [];

    /// <summary>Addresses that a server answers to.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; init; } = [];

    /// <summary>Whether it may identify a server.</summary>
    public bool ForServer { get; init; }

    /// <summary>Whether it may identify a client.</summary>
    public bool ForClient { get; init; }

    /// <summary>How long it is valid; null = the authority's usual year.</summary>
    public TimeSpan? Lifetime { get; init; }

    /// <summary>A client of this user name and these groups.</summary>
    public static CertificateProfile Client(string user, params IReadOnlyList<string> groups) =>
        new(user) { Organizations = groups, ForClient = true };

    /// <summary>A server of these names and addresses.</summary>
    public static CertificateProfile Server(string commonName, IReadOnlyList<string> dnsNames, IReadOnlyList<IPAddress> addresses) =>
        new(commonName) { DnsNames = dnsNames, Addresses = addresses, ForServer = true };

    /// <summary>Whether <paramref name="certificate"/> says all that this profile asks for (it may name more hosts).</summary>
    internal bool IsSatisfiedBy(X509Certificate2 certificate)
    {
        if (certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false) != CommonName || !SubjectNames.Organizations(certificate).Order().SequenceEqual(Organizations.Order(), StringComparer.Ordinal))
        {
            return false;
        }

        var alternatives = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        var names = alternatives?.EnumerateDnsNames().ToHashSet(StringComparer.OrdinalIgnoreCase) ?? [];
        var addresses = alternatives?.EnumerateIPAddresses().ToHashSet() ?? [];
        return DnsNames.All(names.Contains) && Addresses.All(addresses.Contains);
    }

    internal void AddTo(CertificateRequest request)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        var usages = new OidCollection();
        if (ForServer)
        {
            usages.Add(ServerAuthentication);
        }

        if (ForClient)
        {
            usages.Add(ClientAuthentication);
        }

        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(usages, critical: false));
        if (DnsNames.Count + Addresses.Count > 0)
        {
            var alternatives = new SubjectAlternativeNameBuilder();
            foreach (var name in DnsNames)
            {
                alternatives.AddDnsName(name);
            }

            foreach (var address in Addresses)
            {
                alternatives.AddIpAddress(address);
            }

            request.CertificateExtensions.Add(alternatives.Build());
        }
    }
}
