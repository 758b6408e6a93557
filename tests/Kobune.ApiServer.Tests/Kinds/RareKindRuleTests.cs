using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using static Kobune.ApiServer.Tests.Kinds.Strategies;

namespace Kobune.ApiServer.Tests.Kinds;

/// <summary>Kinds that are served only where they are asked for, with the whole Status that refuses them.</summary>
public class RareKindRuleTests
{
    private const string Bundles = "clustertrustbundles.certificates.k8s.io";
    private const string Migrations = "storageversionmigrations.storagemigration.k8s.io";
    private const string Bundle = """{"metadata":{"name":"b"},"spec":{"trustBundle":"AUTHORITY"}}""";
    private const string Migration = """{"metadata":{"name":"m"},"spec":{"resource":{"group":"apps","resource":"deployments"}}}""";
    private const string True = """{"type":"TYPE","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z","reason":"R","message":""}""";

    private static readonly string Authority = Certificate(isAuthority: true);
    private static readonly string Leaf = Certificate(isAuthority: false);

    [Theory]
    [InlineData("spec.trustBundle", "\"AUTHORITY\"", "")]
    [InlineData("spec.trustBundle", "\"LEAFAUTHORITY\"", "spec.trustBundle: Invalid value: \"<value omitted>\": entry 0 does not have the CA bit set")]
    [InlineData("spec.trustBundle", "\"AUTHORITYAUTHORITY\"", "spec.trustBundle: Invalid value: \"<value omitted>\": duplicate trust anchor (indices [0 1])")]
    [InlineData("spec.trustBundle", "\"nothing\"", "spec.trustBundle: Invalid value: \"<value omitted>\": at least one trust anchor must be provided")]
    [InlineData("spec.trustBundle", "\"-----BEGIN KEY-----\\nAAAA\\n-----END KEY-----\\n-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----\\n-----BEGIN CERTIFICATE-----\\na: b\\n\\nAAAA\\n-----END CERTIFICATE-----\"", "spec.trustBundle: Invalid value: \"<value omitted>\": entry 0 has bad block type: KEY\nspec.trustBundle: Invalid value: \"<value omitted>\": entry 1 does not parse as X.509\nspec.trustBundle: Invalid value: \"<value omitted>\": entry 2 has PEM block headers")]
    [InlineData("metadata.name", "\"a:b\"", "metadata.name: Invalid value: \"a:b\": ClusterTrustBundle without signer name must not have \":\" in its name")]
    [InlineData("spec.signerName", "\"example.com/s\"", "metadata.name: Invalid value: \"b\": ClusterTrustBundle for signerName example.com/s must be named with prefix example.com:s:")]
    public void A_trust_bundle_has_authorities_once_each(string path, string value, string problems) => Creates(Bundles, "ClusterTrustBundle", Filled(With(Bundle, path, value)), problems);

    [Fact]
    public void A_trust_bundle_of_a_signer_stays_with_it_and_is_read_again_only_when_it_changes()
    {
        var signed = Filled("""{"metadata":{"name":"example.com:s:b"},"spec":{"signerName":"example.com/s","trustBundle":"AUTHORITY"}}""");
        Creates(Bundles, "ClusterTrustBundle", signed, "");
        Updates(Bundles, "ClusterTrustBundle", signed, With(With(signed, "spec.signerName", "\"example.com/t\""), "metadata.name", "\"example.com:t:b\""), "spec.signerName: Invalid value: \"example.com/t\": field is immutable");
        var old = With(signed, "spec.trustBundle", "\"nothing\"");
        Updates(Bundles, "ClusterTrustBundle", old, With(old, "metadata.labels", """{"a":"b"}"""), "");
        Updates(Bundles, "ClusterTrustBundle", signed, old, "spec.trustBundle: Invalid value: \"<value omitted>\": at least one trust anchor must be provided");
    }

    [Theory]
    [InlineData("spec.resource.resource", "\"\"", "spec.resource.resource: Required value: resource is required to be set")]
    [InlineData("spec.resource.group", "\"A\"", "spec.resource.group: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')")]
    [InlineData("spec.resource.group", "\"\"", "")]
    public void A_migration_names_a_resource(string path, string value, string problems) => Creates(Migrations, "StorageVersionMigration", With(Migration, path, value), problems);

    [Theory]
    [InlineData("7", "", "7", "Running", "")]
    [InlineData("7", "", "8", "", "status.resourceVersion: Invalid value: \"8\": field is immutable")]
    [InlineData("", "", "x", "", "status.resourceVersion: Invalid value: \"x\": resource version is not well formed: x")]
    [InlineData("7", "Succeeded", "7", "Failed", "status.conditions: Invalid value: CONDITIONS: Success condition cannot be set to false once it is true")]
    [InlineData("7", "", "7", "Failed Running", "status.conditions: Invalid value: CONDITIONS: Running condition cannot be true when failed condition is true")]
    [InlineData("7", "", "7", "Succeeded Failed", "status.conditions: Invalid value: CONDITIONS: Both success and failed conditions cannot be true at the same time")]
    public void A_migration_ends_once(string oldRevision, string oldTypes, string revision, string types, string problems)
    {
        var conditions = Conditions(types);
        Updates(Migrations, "StorageVersionMigration", Of(oldRevision, Conditions(oldTypes)), Of(revision, conditions), problems.Replace("CONDITIONS", conditions, StringComparison.Ordinal), "status");
        Updates(Migrations, "StorageVersionMigration", Migration, With(Migration, "spec.resource.group", "\"batch\""), "spec: Invalid value: {\"Resource\":{\"group\":\"batch\",\"resource\":\"deployments\"}}: field is immutable");

        static string Of(string revision, string conditions) => With(Migration, "status", """{"resourceVersion":"REVISION","conditions":CONDITIONS}""".Replace("REVISION", revision, StringComparison.Ordinal).Replace("CONDITIONS", conditions, StringComparison.Ordinal));
        static string Conditions(string types) => $"[{string.Join(",", types.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(t => True.Replace("TYPE", t, StringComparison.Ordinal)))}]";
    }

    private static string Filled(string json) => json.Replace("AUTHORITY", Authority, StringComparison.Ordinal).Replace("LEAF", Leaf, StringComparison.Ordinal);

    private static string Certificate(bool isAuthority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=a", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        return certificate.ExportCertificatePem().Replace("\n", "\\n", StringComparison.Ordinal) + "\\n";
    }
}
