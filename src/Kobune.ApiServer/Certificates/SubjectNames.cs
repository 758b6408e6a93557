using System.Security.Cryptography.X509Certificates;

namespace Kobune.ApiServer.Certificates;

/// <summary>Reads and builds certificate subjects. Built from the encoded parts, never from text: a name may hold commas, quotes and equal signs.</summary>
internal static class SubjectNames
{
    private const string CommonNameOid = "2.5.4.3";
    private const string OrganizationOid = "2.5.4.10";

    public static X500DistinguishedName Of(string commonName, IEnumerable<string> organizations)
    {
        // The builder writes what was added last first; on the wire the organisations come first, in order, as Go writes them.
        var builder = new X500DistinguishedNameBuilder();
        builder.AddCommonName(commonName);
        foreach (var organization in organizations.Reverse())
        {
            builder.AddOrganizationName(organization);
        }

        return builder.Build();
    }

    /// <summary>The last CN, as Go's pkix.Name has it; empty when there is none.</summary>
    public static string CommonName(X509Certificate2 certificate) => Values(certificate, CommonNameOid).LastOrDefault() ?? "";

    public static IReadOnlyList<string> Organizations(X509Certificate2 certificate) => [.. Values(certificate, OrganizationOid)];

    // A relative name with several values (O=a+CN=b) has none of the simple accessors; nobody issues one, and it counts as not there.
    private static IEnumerable<string> Values(X509Certificate2 certificate, string oid) =>
        certificate.SubjectName.EnumerateRelativeDistinguishedNames(reversed: false)
            .Where(part => !part.HasMultipleElements && part.GetSingleElementType().Value == oid)
            .Select(part => part.GetSingleElementValue() ?? "");
}
