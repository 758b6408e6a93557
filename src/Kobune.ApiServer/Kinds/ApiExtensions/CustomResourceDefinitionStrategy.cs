using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Features;
using Kobune.Api.Schema;
using Kobune.ApiServer.CustomResources;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.ApiExtensions;

/// <summary>Source: k8s.io/apiextensions-apiserver, registry/customresourcedefinition/strategy.go and apis/apiextensions/v1/defaults.go.</summary>
internal sealed class CustomResourceDefinitionStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => ("apiextensions.k8s.io", "customresourcedefinitions");

    public override void ApplyDefaults(JsonObject obj)
    {
        if (obj["spec"] is not JsonObject spec)
        {
            return;
        }

        if (spec["names"] is JsonObject names && names.TextAt("kind") is { Length: > 0 } kind)
        {
            names.Default("singular", kind.ToLowerInvariant());
            names.Default("listKind", kind + "List");
        }

        if (spec["conversion"] is not JsonObject conversion)
        {
            spec["conversion"] = conversion = [];
        }

        conversion.Default("strategy", "None");
        if ((conversion["webhook"] as JsonObject)?["clientConfig"]?["service"] is JsonObject service && service["port"] is null)
        {
            service["port"] = 443;
        }
    }

    public override void PrepareForCreate(StrategyContext context, JsonObject obj)
    {
        obj["status"] = new JsonObject { ["conditions"] = new JsonArray() }; // upstream says null until the first loop, at which `kubectl wait` gives up
        Remember(obj);
    }

    public override void PrepareForUpdate(StrategyContext context, JsonObject obj, JsonObject old, string subresource)
    {
        if (subresource.Length == 0)
        {
            Remember(obj);
        }
    }

    public override void Validate(EncodedObject obj, FieldErrors errors) => DefinitionRules.Validate(Tree(obj), null, errors);

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        if (subresource.Length == 0)
        {
            DefinitionRules.Validate(Tree(obj), Tree(old), errors);
        }
        else
        {
            DefinitionRules.Status(Tree(obj), errors);
        }
    }

    /// <summary>Formats that nothing checks, those that were there before apart.</summary>
    public override IEnumerable<string> Warnings(EncodedObject obj, EncodedObject? old, FeatureGates features) =>
        UnknownFormats(obj).Except(old is null ? [] : UnknownFormats(old)).Select(f => $"unrecognized format {FieldValue.Show(f)}");

    private static IEnumerable<string> UnknownFormats(EncodedObject obj) =>
        ((Tree(obj)["spec"]?["versions"] as JsonArray)?.OfType<JsonObject>() ?? []).SelectMany(v => UnknownFormats(v["schema"]?["openAPIV3Schema"]));

    private static IEnumerable<string> UnknownFormats(JsonNode? node) => node switch
    {
        JsonObject schema => (schema["format"] is JsonValue && schema.TextAt("format") is { Length: > 0 } format && !SchemaForm.IsKnown(format, schema.TextAt("type")) ? [format] : Array.Empty<string>())
            .Concat(schema.Where(p => p.Key is not ("default" or "enum" or "example")).SelectMany(p => UnknownFormats(p.Value))),
        JsonArray list => list.SelectMany(UnknownFormats),
        _ => [],
    };

    /// <summary>The storage version joins those in which objects may have been stored.</summary>
    private static void Remember(JsonObject obj)
    {
        var storage = (obj["spec"]?["versions"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault(v => v["storage"] is JsonValue flag && flag.TryGetValue<bool>(out var is_) && is_).TextAt("name") ?? "";
        if (storage.Length == 0)
        {
            return;
        }

        if (obj["status"] is not JsonObject status)
        {
            obj["status"] = status = [];
        }

        if (status["storedVersions"] is not JsonArray stored)
        {
            status["storedVersions"] = stored = [];
        }

        if (!status.TextsAt("storedVersions").Contains(storage))
        {
            stored.Add((JsonNode)JsonValue.Create(storage));
        }
    }

    private static JsonObject Tree(EncodedObject obj) => (JsonObject)ObjectReader.ReadAny(ObjectReader.Parse(obj.Json.Span))!;
}
