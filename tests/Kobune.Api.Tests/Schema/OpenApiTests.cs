using System.Text;
using System.Text.Json;
using Kobune.Api.Schema;
using Kobune.Api.Schema.OpenApi;
using Kobune.Api.Schema.Protobuf;

namespace Kobune.Api.Tests.Schema;

public class OpenApiTests
{
    private static readonly OpenApiV3Builder V3 = new(ApiSchema.BuiltIn, "v1.36.0");
    private static readonly OpenApiV2Builder V2 = new(ApiSchema.BuiltIn, "v1.36.0");

    [Fact]
    public void The_index_names_every_served_version_with_its_hash()
    {
        using var index = JsonDocument.Parse(V3.Index());
        var paths = index.RootElement.GetProperty("paths");
        Assert.Equal($"/openapi/v3/apis/apps/v1?hash={V3.Hash("apps", "v1")}", paths.GetProperty("apis/apps/v1").GetProperty("serverRelativeURL").GetString());
        Assert.True(paths.TryGetProperty("api/v1", out _));
        Assert.False(paths.TryGetProperty("apis/storage.k8s.io/v1beta1", out _));
        Assert.Null(V3.Document("storage.k8s.io", "v1beta1"));
    }

    [Fact]
    public void Every_reference_of_every_document_exists()
    {
        foreach (var group in ApiSchema.BuiltIn.Groups)
        {
            foreach (var version in group.Versions.Where(v => ApiSchema.BuiltIn.Resources.Any(r => r.IsServed && r.Group == group.Name && r.Version == v)))
            {
                using var document = JsonDocument.Parse(V3.Document(group.Name, version)!);
                CheckReferences(document.RootElement, document.RootElement.GetProperty("components").GetProperty("schemas"), "#/components/schemas/");
            }
        }

        using var v2 = JsonDocument.Parse(V2.Json());
        CheckReferences(v2.RootElement, v2.RootElement.GetProperty("definitions"), "#/definitions/");
    }

    [Fact]
    public void Operations_say_what_kubectl_looks_for()
    {
        using var document = JsonDocument.Parse(V3.Document("apps", "v1")!);
        var patch = document.RootElement.GetProperty("paths").GetProperty("/apis/apps/v1/namespaces/{namespace}/deployments/{name}").GetProperty("patch");
        Assert.Equal("patchAppsV1NamespacedDeployment", patch.GetProperty("operationId").GetString());
        Assert.Equal("""{"group":"apps","kind":"Deployment","version":"v1"}""", patch.GetProperty("x-kubernetes-group-version-kind").GetRawText());
        Assert.Equal(["dryRun", "fieldManager", "fieldValidation", "force"], patch.GetProperty("parameters").EnumerateArray().Select(p => p.GetProperty("name").GetString()!));
        var ids = document.RootElement.GetProperty("paths").EnumerateObject().SelectMany(p => p.Value.EnumerateObject()).Where(o => o.Value.ValueKind == JsonValueKind.Object).Select(o => o.Value.GetProperty("operationId").GetString()!).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Contains("listAppsV1DeploymentForAllNamespaces", ids);
        Assert.Contains("deleteAppsV1CollectionNamespacedDeployment", ids);
        Assert.Contains("readAppsV1NamespacedDeploymentScale", ids);
    }

    [Fact]
    public void Schemas_have_upstreams_names_and_extensions()
    {
        using var document = JsonDocument.Parse(V3.Document("apps", "v1")!);
        var schemas = document.RootElement.GetProperty("components").GetProperty("schemas");
        Assert.Equal("""[{"group":"apps","kind":"Deployment","version":"v1"}]""", schemas.GetProperty("io.k8s.api.apps.v1.Deployment").GetProperty("x-kubernetes-group-version-kind").GetRawText());
        var container = schemas.GetProperty("io.k8s.api.core.v1.Container").GetProperty("properties");
        Assert.Equal(
            """{"items":{"$ref":"#/components/schemas/io.k8s.api.core.v1.ContainerPort"},"type":"array","x-kubernetes-list-map-keys":["containerPort","protocol"],"x-kubernetes-list-type":"map","x-kubernetes-patch-merge-key":"containerPort","x-kubernetes-patch-strategy":"merge"}""",
            container.GetProperty("ports").GetRawText());
        Assert.Equal("""{"enum":["Always","IfNotPresent","Never"],"type":"string"}""", container.GetProperty("imagePullPolicy").GetRawText());
        Assert.Equal("""{"oneOf":[{"type":"string"},{"type":"number"}]}""", schemas.GetProperty("io.k8s.apimachinery.pkg.api.resource.Quantity").GetRawText());
        Assert.Equal("""{"format":"date-time","type":"string"}""", schemas.GetProperty("io.k8s.apimachinery.pkg.apis.meta.v1.Time").GetRawText());
    }

    [Fact]
    public void The_protobuf_form_holds_the_same_names()
    {
        var names = new List<string>();
        var document = new ProtobufReader(V2.Protobuf());
        while (document.Next(out var number, out var wire))
        {
            if (number != 9)
            {
                document.Skip(wire);
                continue;
            }

            var definitions = new ProtobufReader(document.Bytes(wire));
            while (definitions.Next(out _, out var inner))
            {
                var pair = new ProtobufReader(definitions.Bytes(inner));
                Assert.True(pair.Next(out var name, out var nameWire));
                Assert.Equal(1, name);
                names.Add(Encoding.UTF8.GetString(pair.Bytes(nameWire)));
            }
        }

        using var json = JsonDocument.Parse(V2.Json());
        Assert.Equal(json.RootElement.GetProperty("definitions").EnumerateObject().Select(p => p.Name), names);
    }

    private static void CheckReferences(JsonElement json, JsonElement definitions, string prefix)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in json.EnumerateObject())
                {
                    if (property.Name == "$ref" && property.Value.ValueKind == JsonValueKind.String)
                    {
                        var reference = property.Value.GetString()!;
                        Assert.StartsWith(prefix, reference, StringComparison.Ordinal);
                        Assert.True(definitions.TryGetProperty(reference[prefix.Length..], out _), reference);
                    }

                    CheckReferences(property.Value, definitions, prefix);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in json.EnumerateArray())
                {
                    CheckReferences(item, definitions, prefix);
                }

                break;
        }
    }
}
