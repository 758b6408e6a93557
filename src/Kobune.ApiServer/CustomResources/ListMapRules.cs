using System.Text.Json.Nodes;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.CustomResources;

/// <summary>Lists whose items have keys, and sets. Source: k8s.io/apiextensions-apiserver, apis/apiextensions/validation.</summary>
internal static class ListMapRules
{
    private const string Parent = "if parent array's x-kubernetes-list-type is map";

    public static void Validate(JsonObject schema, string kind, JsonObject? items, string path, FieldErrors errors)
    {
        string[] keys = [.. schema.TextsAt("x-kubernetes-list-map-keys")];
        if (keys.Length > 0 && schema["x-kubernetes-list-type"] is null)
        {
            errors.Required($"{path}.x-kubernetes-list-type", "must be map if x-kubernetes-list-map-keys is non-empty");
        }
        else if (keys.Length > 0 && kind != "map")
        {
            errors.Invalid($"{path}.x-kubernetes-list-type", kind, "must be map if x-kubernetes-list-map-keys is non-empty");
        }

        if (kind == "map")
        {
            Map(schema, keys, items, path, errors);
        }

        if (kind is not ("map" or "set") || items is null)
        {
            return;
        }

        if (items.Flag("nullable"))
        {
            errors.Forbidden($"{path}.items.nullable", $"cannot be nullable when x-kubernetes-list-type is {kind}");
        }

        if (kind == "map")
        {
            KeysAreThere(keys, items, path, errors);
        }
    }

    private static void Map(JsonObject schema, string[] keys, JsonObject? items, string path, FieldErrors errors)
    {
        if (keys.Length == 0)
        {
            errors.Required($"{path}.x-kubernetes-list-map-keys", "must not be empty if x-kubernetes-list-type is map");
        }

        if (schema["items"] is null)
        {
            errors.Required($"{path}.items", "must have a schema if x-kubernetes-list-type is map");
        }

        if (items is null)
        {
            return;
        }

        if (items.TextAt("type") != "object")
        {
            errors.Invalid($"{path}.items.type", items.TextAt("type"), $"must be object {Parent}");
            return;
        }

        for (var i = 0; i < keys.Length; i++)
        {
            if (items["properties"]?[keys[i]] is not JsonObject key)
            {
                errors.Invalid($"{path}.x-kubernetes-list-map-keys", keys, "entries must all be names of item properties");
            }
            else if (key.TextAt("type") is "array" or "object")
            {
                errors.Invalid($"{path}.items.properties[{keys[i]}].type", "object", $"must be a scalar type {Parent}"); // upstream shows the type of the item
            }

            if (keys.Take(i).Contains(keys[i]))
            {
                errors.Invalid($"{path}.x-kubernetes-list-map-keys", keys, "must not contain duplicate entries");
            }
        }
    }

    private static void KeysAreThere(string[] keys, JsonObject items, string path, FieldErrors errors)
    {
        string[] required = [.. items.TextsAt("required")];
        foreach (var name in keys)
        {
            if (items["properties"]?[name] is not JsonObject key)
            {
                continue;
            }

            if (!required.Contains(name) && key["default"] is null)
            {
                errors.Required($"{path}.items.properties[{name}].default", "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property");
            }

            if (key.Flag("nullable"))
            {
                errors.Forbidden($"{path}.items.properties[{name}].nullable", "this property is in x-kubernetes-list-map-keys, so it cannot be nullable");
            }
        }
    }
}
