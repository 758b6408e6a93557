using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace Kobune.ApiServer.Tests.Conformance;

/// <summary>A small valid object of a kind: its body beside metadata, and a status if it has one. {i} in names and bodies makes several of them.</summary>
internal sealed record Sample(string Group, string Version, string Plural, string Kind, bool IsNamespaced, string Body, string Status = "", string Names = "cf-{i}")
{
    private static readonly string Csr = Convert.ToBase64String(Encoding.ASCII.GetBytes(Request()));

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    public string Root => Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}";

    public string Collection => IsNamespaced ? $"{Root}/namespaces/default/{Plural}" : $"{Root}/{Plural}";

    public string NameOf(int i) => Numbered(Names, i);

    public string Path(int i) => $"{Collection}/{NameOf(i)}";

    public JsonObject Object(int i, string label = "1")
    {
        var obj = (JsonObject)JsonNode.Parse(Numbered(Body, i).Replace("{csr}", Csr, StringComparison.Ordinal))!;
        obj["apiVersion"] = ApiVersion;
        obj["kind"] = Kind;
        obj["metadata"] = new JsonObject { ["name"] = NameOf(i), ["labels"] = new JsonObject { ["sweep"] = label } };
        return obj;
    }

    public override string ToString() => $"{Plural}.{ApiVersion}";

    private static string Numbered(string text, int i) => text.Replace("{i}", i.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private static string Request()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=sweep", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();
    }
}
