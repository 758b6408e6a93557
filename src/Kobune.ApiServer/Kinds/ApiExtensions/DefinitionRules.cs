using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api.Validation;
using Kobune.ApiServer.CustomResources;
using Kobune.ApiServer.Kinds.AdmissionRegistration;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Webhooks;

namespace Kobune.ApiServer.Kinds.ApiExtensions;

/// <summary>What a CustomResourceDefinition must be like. Source: k8s.io/apiextensions-apiserver, apis/apiextensions/validation.</summary>
internal static class DefinitionRules
{
    private const string Approval = "api-approved.kubernetes.io";
    private static readonly string[] ColumnTypes = ["integer", "number", "string", "boolean", "date"];

    public static void Validate(JsonObject crd, FieldErrors errors) => Validate(crd, null, errors);

    private static void Validate(JsonObject crd, JsonObject? old, FieldErrors errors)
    {
        var spec = crd["spec"] as JsonObject ?? [];
        var names = spec["names"] as JsonObject;
        var group = spec.TextAt("group");
        var wanted = $"{names.TextAt("plural")}.{group}";
        var name = crd.Meta().TextAt("name");
        if (name != wanted)
        {
            errors.Invalid("metadata.name", name, "must be spec.names.plural+\".\"+spec.group");
        }

        Group(crd, group, errors);
        if (spec.TextAt("scope") is var scope && scope is not ("Namespaced" or "Cluster"))
        {
            errors.NotSupported("spec.scope", scope, ["Cluster", "Namespaced"]);
        }

        Names(names, errors);
        Versions(spec, old?["spec"] as JsonObject, errors);
        if (spec["preserveUnknownFields"] is JsonValue flag && flag.TryGetValue<bool>(out var keeps) && keeps)
        {
            errors.Invalid("spec.preserveUnknownFields", true, "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead");
        }

        Conversion(spec["conversion"] as JsonObject, errors);
    }

    public static void ValidateUpdate(JsonObject crd, JsonObject old, FieldErrors errors)
    {
        Validate(crd, old, errors);
        var (now, before) = (crd["spec"] as JsonObject ?? [], old["spec"] as JsonObject ?? []);
        var isEstablished = (old["status"]?["conditions"] as JsonArray)?.OfType<JsonObject>().Any(c => c.TextAt("type") == "Established" && c.TextAt("status") == "True") == true;
        Same("spec.group", now.TextAt("group"), before.TextAt("group"), errors);
        Same("spec.names.plural", (now["names"] as JsonObject).TextAt("plural"), (before["names"] as JsonObject).TextAt("plural"), errors);
        if (isEstablished)
        {
            Same("spec.scope", now.TextAt("scope"), before.TextAt("scope"), errors);
            Same("spec.names.kind", (now["names"] as JsonObject).TextAt("kind"), (before["names"] as JsonObject).TextAt("kind"), errors);
        }
    }

    /// <summary>Every version in which objects are stored must still be known.</summary>
    public static void ValidateStored(JsonObject crd, FieldErrors errors)
    {
        var versions = (crd["spec"]?["versions"] as JsonArray)?.OfType<JsonObject>().ToArray() ?? [];
        var storage = versions.FirstOrDefault(IsStorage).TextAt("name");
        var stored = (crd["status"] as JsonObject).TextsAt("storedVersions").ToArray();
        for (var i = 0; i < stored.Length; i++)
        {
            if (!versions.Any(v => v.TextAt("name") == stored[i]))
            {
                errors.Invalid($"status.storedVersions[{i}]", stored[i], "must appear in spec.versions");
            }
        }

        if (storage.Length > 0 && !stored.Contains(storage))
        {
            errors.Invalid("status.storedVersions", new JsonArray([.. stored.Select(s => (JsonNode)JsonValue.Create(s))]), $"must have the storage version {storage}");
        }
    }

    private static void Same(string field, string now, string before, FieldErrors errors)
    {
        if (now != before)
        {
            errors.Invalid(field, now, "field is immutable");
        }
    }

    private static void Group(JsonObject crd, string group, FieldErrors errors)
    {
        if (group.Length == 0)
        {
            errors.Required("spec.group", "");
            return;
        }

        foreach (var problem in NameValidation.Dns1123Subdomain(group))
        {
            errors.Invalid("spec.group", group, problem);
        }

        if (group.Split('.').Length < 2)
        {
            errors.Invalid("spec.group", group, "should be a domain with at least one dot");
        }

        var isProtected = group.EndsWith(".k8s.io", StringComparison.Ordinal) || group.EndsWith(".kubernetes.io", StringComparison.Ordinal) || group is "k8s.io" or "kubernetes.io";
        if (isProtected && (crd.Meta()["annotations"] as JsonObject).TextAt(Approval).Length == 0)
        {
            errors.Required($"metadata.annotations[{Approval}]", $"protected groups must have approval annotation \"{Approval}\", see https://github.com/kubernetes/enhancements/pull/1111");
        }
    }

    private static void Names(JsonObject? names, FieldErrors errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["plural", "singular", "kind", "listKind"])
        {
            var value = names.TextAt(field);
            if (value.Length == 0 && field is "plural" or "kind")
            {
                errors.Required($"spec.names.{field}", "");
                continue;
            }

            var mayBeMixed = field is "kind" or "listKind";
            foreach (var problem in value.Length == 0 ? [] : NameValidation.Dns1035Label(mayBeMixed ? value.ToLowerInvariant() : value))
            {
                errors.Invalid($"spec.names.{field}", value, mayBeMixed ? $"may have mixed case, but should otherwise match: {problem}" : problem);
            }
        }

        foreach (var list in (ReadOnlySpan<string>)["shortNames", "categories"])
        {
            var values = names.TextsAt(list).ToArray();
            for (var i = 0; i < values.Length; i++)
            {
                foreach (var problem in NameValidation.Dns1035Label(values[i]))
                {
                    errors.Invalid($"spec.names.{list}[{i}]", values[i], problem);
                }
            }
        }

        if (names.TextAt("kind") is { Length: > 0 } kind && kind == names.TextAt("listKind"))
        {
            errors.Invalid("spec.names.listKind", kind, "kind and listKind may not be the same");
        }
    }

    private static void Versions(JsonObject spec, JsonObject? old, FieldErrors errors)
    {
        var versions = (spec["versions"] as JsonArray)?.OfType<JsonObject>().ToArray() ?? [];
        if (versions.Length == 0)
        {
            errors.Required("spec.versions", "must have at least one version");
            return;
        }

        if (versions.Count(IsStorage) != 1)
        {
            errors.Invalid("spec.versions", spec["versions"], "must have exactly one version marked as storage version");
        }

        var schemas = versions.Select(v => v["schema"]?["openAPIV3Schema"] as JsonObject).ToArray();
        var isShared = schemas.All(s => JsonNode.DeepEquals(s, schemas[0])); // upstream keeps what all versions share once, and names that place
        for (var i = 0; i < versions.Length; i++)
        {
            var path = $"spec.versions[{i}]";
            var name = versions[i].TextAt("name");
            foreach (var problem in NameValidation.Dns1035Label(name))
            {
                errors.Invalid($"{path}.name", name, problem);
            }

            if (versions.Take(i).Any(v => v.TextAt("name") == name))
            {
                errors.Duplicate($"{path}.name", name);
            }

            if (schemas[i] is null)
            {
                errors.Required($"{path}.schema.openAPIV3Schema", "schemas are required");
            }
            else if (!isShared || i == 0)
            {
                Schema(schemas[i]!, isShared ? "spec.validation.openAPIV3Schema" : $"{path}.schema.openAPIV3Schema", SchemaOf(old, name), errors);
            }

            Columns(versions[i], path, errors);
            Subresources(versions[i]["subresources"] as JsonObject, $"{path}.subresources", errors);
        }
    }

    private static void Schema(JsonObject schema, string path, JsonObject? before, FieldErrors errors)
    {
        var known = errors.Items.Count;
        StructuralRules.Validate(schema, path, errors);
        DefinitionRuleChecks.Validate(schema, path, errors.Items.Count == known, before is not null && JsonNode.DeepEquals(schema, before), errors);
    }

    private static JsonObject? SchemaOf(JsonObject? spec, string version) =>
        (spec?["versions"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault(v => v.TextAt("name") == version)?["schema"]?["openAPIV3Schema"] as JsonObject;

    private static void Columns(JsonObject version, string path, FieldErrors errors)
    {
        var columns = (version["additionalPrinterColumns"] as JsonArray)?.OfType<JsonObject>().ToArray() ?? [];
        for (var i = 0; i < columns.Length; i++)
        {
            var field = $"{path}.additionalPrinterColumns[{i}]";
            if (columns[i].TextAt("name").Length == 0)
            {
                errors.Required($"{field}.name", "");
            }

            if (columns[i].TextAt("type") is var type && type.Length == 0)
            {
                errors.Required($"{field}.type", "must be one of integer,number,string,boolean,date");
            }
            else if (!ColumnTypes.Contains(type))
            {
                errors.Invalid($"{field}.type", type, "must be one of integer,number,string,boolean,date");
            }

            if (columns[i].TextAt("jsonPath").Length == 0)
            {
                errors.Required($"{field}.jsonPath", "");
            }
            else if (CustomResources.CellPath.Parse(columns[i].TextAt("jsonPath")) is null)
            {
                errors.Invalid($"{field}.jsonPath", columns[i].TextAt("jsonPath"), "is an invalid JSON path");
            }
        }
    }

    private static void Subresources(JsonObject? subresources, string path, FieldErrors errors)
    {
        if (subresources?["scale"] is not JsonObject scale)
        {
            return;
        }

        foreach (var (field, root) in new[] { ("specReplicasPath", ".spec."), ("statusReplicasPath", ".status.") })
        {
            var value = scale.TextAt(field);
            if (value.Length == 0)
            {
                errors.Required($"{path}.scale.{field}", "");
            }
            else if (!value.StartsWith(root, StringComparison.Ordinal))
            {
                errors.Invalid($"{path}.scale.{field}", value, $"should be a json path under {root.TrimEnd('.')}");
            }
        }

        if (scale.TextAt("labelSelectorPath") is { Length: > 0 } selector && !selector.StartsWith(".spec.", StringComparison.Ordinal) && !selector.StartsWith(".status.", StringComparison.Ordinal))
        {
            errors.Invalid($"{path}.scale.labelSelectorPath", selector, "should be a json path under either .spec or .status");
        }
    }

    private static void Conversion(JsonObject? conversion, FieldErrors errors)
    {
        if (conversion.TextAt("strategy") is var strategy && strategy is not ("None" or "Webhook"))
        {
            errors.NotSupported("spec.conversion.strategy", strategy, ["None", "Webhook"]);
        }
        else if (strategy == "None" && conversion?["webhook"] is not null)
        {
            errors.Forbidden("spec.conversion.webhookClientConfig", "should not be set when strategy is not set to Webhook");
        }
        else if (strategy == "Webhook")
        {
            Webhook(conversion!["webhook"] as JsonObject, errors);
        }
    }

    /// <summary>Paths are those of upstream's internal type, which its messages show.</summary>
    private static void Webhook(JsonObject? webhook, FieldErrors errors)
    {
        const string Path = "spec.conversion.webhookClientConfig";
        if (webhook?["clientConfig"] is not JsonObject config)
        {
            errors.Required(Path, "required when strategy is set to Webhook");
        }
        else
        {
            ClientConfig(config, Path, errors);
        }

        string[] versions = [.. webhook.TextsAt("conversionReviewVersions")];
        if (versions.Length == 0)
        {
            errors.Required("spec.conversion.conversionReviewVersions", "");
        }
        else
        {
            ClientRules.Versions(versions, "spec.conversion.conversionReviewVersions", allowsUnknown: false, errors);
        }
    }

    private static void ClientConfig(JsonObject config, string path, FieldErrors errors)
    {
        var service = config["service"] as JsonObject;
        if ((config["url"] is null) == (service is null))
        {
            errors.Required(path, "exactly one of url or service is required");
        }
        else if (service is null)
        {
            ClientRules.Url(config.TextAt("url"), $"{path}.url", errors);
        }
        else
        {
            ClientRules.Service(service.TextAt("namespace"), service.TextAt("name"), service["path"] is null ? null : service.TextAt("path"), service.NumberAt("port") ?? 443, $"{path}.service", errors);
        }

        if (WebhookAddress.AuthoritiesProblem(Encoding.UTF8.GetString(Convert.FromBase64String(config.TextAt("caBundle")))) is { } problem)
        {
            errors.Invalid($"{path}.caBundle", config.TextAt("caBundle"), problem);
        }
    }

    private static bool IsStorage(JsonObject version) => version["storage"] is JsonValue flag && flag.TryGetValue<bool>(out var is_) && is_;
}
