using System.Text.Json.Nodes;
using Kobune.Api.Validation;
using Kobune.ApiServer.CustomResources;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.ApiExtensions;

/// <summary>What a CustomResourceDefinition must be like, in upstream's order. Source: k8s.io/apiextensions-apiserver, apis/apiextensions/validation.</summary>
internal static class DefinitionRules
{
    private const string Keeps = "spec.preserveUnknownFields";

    public static void Validate(JsonObject crd, JsonObject? old, FieldErrors errors)
    {
        var spec = crd["spec"] as JsonObject ?? [];
        var (names, before) = (spec["names"] as JsonObject, old?["spec"] as JsonObject);
        var isEstablished = (old?["status"]?["conditions"] as JsonArray)?.OfType<JsonObject>().Any(c => c.TextAt("type") == "Established" && c.TextAt("status") == "True") == true;
        var name = crd.Meta().TextAt("name");
        if (old is null && name != $"{names.TextAt("plural")}.{spec.TextAt("group")}")
        {
            errors.Invalid("metadata.name", name, "must be spec.names.plural+\".\"+spec.group");
        }

        Group(spec.TextAt("group"), errors);
        errors.OneOf("spec.scope", spec.TextAt("scope"), "Cluster", "Namespaced");
        var keeps = SchemaNode.Flag(spec, "preserveUnknownFields");
        if (keeps && HasDefault(spec["versions"]))
        {
            errors.Invalid(Keeps, true, "must be false in order to use defaults in the schema");
        }

        var ofShared = VersionRules.Validate(spec, before, errors);
        DefinitionNameRules.Required(names, errors);
        DefinitionNameRules.Validate(names, "spec.names", errors);
        ofShared();
        if (keeps && (spec["conversion"] as JsonObject).TextAt("strategy") is var strategy && strategy != "None")
        {
            errors.Invalid("spec.conversion.strategy", strategy, "must be None if spec.preserveUnknownFields is true");
        }

        ConversionRules.Validate(spec["conversion"] as JsonObject, before?["conversion"] as JsonObject, isEstablished, errors);
        if (before is not null)
        {
            Unchanged(spec, before, isEstablished, errors);
        }

        Status(crd, errors);
        Stored(crd, errors);
        DefinitionNameRules.Approved(crd, old, errors);
        if (keeps && (before is null || !SchemaNode.Flag(before, "preserveUnknownFields")))
        {
            errors.Invalid(Keeps, true, "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead");
        }
    }

    /// <summary>The names that were given are names.</summary>
    public static void Status(JsonObject crd, FieldErrors errors) => DefinitionNameRules.Validate(crd["status"]?["acceptedNames"] as JsonObject, "status.acceptedNames", errors);

    private static void Unchanged(JsonObject now, JsonObject before, bool isEstablished, FieldErrors errors)
    {
        var (names, old) = (now["names"] as JsonObject, before["names"] as JsonObject);
        if (isEstablished)
        {
            errors.Same("spec.scope", now.TextAt("scope"), before.TextAt("scope"));
            errors.Same("spec.names.kind", names.TextAt("kind"), old.TextAt("kind"));
        }

        errors.Same("spec.group", now.TextAt("group"), before.TextAt("group"));
        errors.Same("spec.names.plural", names.TextAt("plural"), old.TextAt("plural"));
    }

    /// <summary>Every version in which objects are stored must still be known.</summary>
    private static void Stored(JsonObject crd, FieldErrors errors)
    {
        JsonObject[] versions = [.. (crd["spec"]?["versions"] as JsonArray)?.OfType<JsonObject>() ?? []];
        string[] stored = [.. (crd["status"] as JsonObject).TextsAt("storedVersions")];
        if (stored.Length == 0)
        {
            errors.Invalid("status.storedVersions", null, "must have at least one stored version");
            return;
        }

        foreach (var storage in versions.Where(v => SchemaNode.Flag(v, "storage")).Select(v => v.TextAt("name")).Where(n => !stored.Contains(n)))
        {
            errors.Invalid("status.storedVersions", stored, $"must have the storage version {storage}");
        }

        for (var i = 0; i < stored.Length; i++)
        {
            if (!versions.Any(v => v.TextAt("name") == stored[i]))
            {
                errors.Invalid($"status.storedVersions[{i}]", stored[i], $"missing from spec.versions; {stored[i]} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in {stored[i]} and removes {stored[i]} from status.storedVersions");
            }
        }
    }

    private static void Group(string group, FieldErrors errors)
    {
        if (group.Length == 0)
        {
            errors.Required("spec.group", "");
        }
        else if (string.Join(',', NameValidation.Dns1123Subdomain(group)) is { Length: > 0 } problems)
        {
            errors.Invalid("spec.group", group, problems);
        }
        else if (!group.Contains('.', StringComparison.Ordinal))
        {
            errors.Invalid("spec.group", group, "should be a domain with at least one dot");
        }
    }

    private static bool HasDefault(JsonNode? node) => node switch
    {
        JsonObject map => map.Any(p => (p.Key == "default" && p.Value is not JsonObject { Count: > 0 }) || HasDefault(p.Value)),
        JsonArray list => list.Any(HasDefault),
        _ => false,
    };
}
