using System.Globalization;
using System.Text.Json.Nodes;

namespace Kobune.Api.Patches;

/// <summary>JSON patch, RFC 6902. Messages are those of the library that upstream's API server uses, since they reach the client.</summary>
public static class JsonPatch
{
    /// <summary>Upstream's limit of operations in one patch.</summary>
    public const int MaxOperations = 10000;

    /// <summary>Applies all operations in order and returns the resulting document; <paramref name="document"/> may be changed on the way.</summary>
    /// <exception cref="PatchException">An operation is malformed or does not fit.</exception>
    public static JsonObject Apply(JsonObject document, JsonArray patch)
    {
        if (patch.Count > MaxOperations)
        {
            throw new PatchException($"The allowed maximum operations in a JSON patch is {MaxOperations}, got {patch.Count}");
        }

        JsonNode root = document;
        foreach (var item in patch)
        {
            if (item is not JsonObject operation)
            {
                throw new PatchException("json: cannot unmarshal JSON patch operation: not an object", malformed: true);
            }

            root = Step(root, operation);
        }

        return root as JsonObject ?? throw new PatchException("the patched document is not an object");
    }

    private static JsonNode Step(JsonNode root, JsonObject operation)
    {
        var kind = Text(operation, "op") ?? throw new PatchException("Unexpected kind: unknown");
        var path = Text(operation, "path") ?? throw new PatchException($"{kind} operation does not apply: missing path");
        switch (kind)
        {
            case "add":
                return Add(root, path, Value(operation, kind), "add");
            case "replace":
                return Replace(root, path, Value(operation, kind));
            case "remove":
                Remove(root, path, "remove");
                return root;
            case "test":
                Test(root, path, operation.TryGetPropertyValue("value", out var expected) ? expected : null);
                return root;
            case "move" or "copy":
                return Transfer(root, kind, Text(operation, "from") ?? throw new PatchException($"{kind} operation does not apply: missing from"), path);
            default:
                throw new PatchException($"Unexpected kind: {kind}");
        }
    }

    private static JsonNode Add(JsonNode root, string path, JsonNode? value, string operation)
    {
        if (path.Length == 0)
        {
            return value ?? throw new PatchException("add operation does not apply: the document cannot become null");
        }

        if (JsonPointer.Resolve(root, path) is not { } place)
        {
            throw new PatchException($"{operation} operation does not apply: doc is missing path: \"{path}\": missing value");
        }

        switch (place.Parent)
        {
            case JsonObject map:
                map[place.Token] = value;
                break;
            case JsonArray array when place.Token == "-":
                array.Add(value);
                break;
            case JsonArray array:
                array.Insert(InsertIndex(array, place.Token, path, operation), value);
                break;
        }

        return root;
    }

    private static int InsertIndex(JsonArray array, string token, string path, string operation)
    {
        if (!int.TryParse(token, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index))
        {
            throw new PatchException($"error in {operation} for path: '{path}': strconv.Atoi: parsing \"{token}\": invalid syntax");
        }

        var at = index < 0 ? index + array.Count + 1 : index;
        return at >= 0 && at <= array.Count
            ? at
            : throw new PatchException($"error in {operation} for path: '{path}': Unable to access invalid index: {index}: invalid index referenced");
    }

    private static JsonNode Replace(JsonNode root, string path, JsonNode? value)
    {
        if (path.Length == 0)
        {
            return value ?? throw new PatchException("replace operation does not apply: the document cannot become null");
        }

        if (JsonPointer.Resolve(root, path) is not { } place)
        {
            throw new PatchException($"replace operation does not apply: doc is missing path: {path}: missing value");
        }

        if (!place.TryGet(out _))
        {
            throw new PatchException($"replace operation does not apply: doc is missing key: {path}: missing value");
        }

        if (place.Parent is JsonObject map)
        {
            map[place.Token] = value;
        }
        else
        {
            var array = (JsonArray)place.Parent;
            array[JsonPointer.Index(array, place.Token)!.Value] = value;
        }

        return root;
    }

    private static void Remove(JsonNode root, string path, string operation)
    {
        if (JsonPointer.Resolve(root, path) is not { } place)
        {
            throw new PatchException($"{operation} operation does not apply: doc is missing path: \"{path}\": missing value");
        }

        if (!place.TryGet(out _))
        {
            throw new PatchException(place.Parent is JsonObject
                ? $"error in {operation} for path: '{path}': Unable to remove nonexistent key: {place.Token}: missing value"
                : $"error in {operation} for path: '{path}': Unable to access invalid index: {place.Token}: invalid index referenced");
        }

        if (place.Parent is JsonObject map)
        {
            map.Remove(place.Token);
        }
        else
        {
            var array = (JsonArray)place.Parent;
            array.RemoveAt(JsonPointer.Index(array, place.Token)!.Value);
        }
    }

    private static void Test(JsonNode root, string path, JsonNode? expected)
    {
        JsonNode? actual = root;
        var present = path.Length == 0 || (JsonPointer.Resolve(root, path) is { } place && place.TryGet(out actual));
        if (!present && expected is not null)
        {
            throw new PatchException($"error in test for path: '{path}': missing value");
        }

        if (!JsonNode.DeepEquals(present ? actual : null, expected))
        {
            throw new PatchException($"testing value {path} failed: test failed") { IsFailedTest = true };
        }
    }

    private static JsonNode Transfer(JsonNode root, string kind, string from, string path)
    {
        if (JsonPointer.Resolve(root, from) is not { } place || !place.TryGet(out var value))
        {
            throw new PatchException($"{kind} operation does not apply: doc is missing from path: {from}: missing value");
        }

        var copy = value?.DeepClone();
        if (kind == "move")
        {
            Remove(root, from, "move");
        }

        return Add(root, path, copy, kind);
    }

    private static string? Text(JsonObject operation, string name) =>
        operation[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static JsonNode? Value(JsonObject operation, string kind) =>
        operation.TryGetPropertyValue("value", out var value)
            ? value?.DeepClone()
            : throw new PatchException($"{kind} operation does not apply: missing value");
}
