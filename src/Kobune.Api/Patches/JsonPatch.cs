using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kobune.Api.Patches;

/// <summary>JSON patch, RFC 6902. Messages and leniencies are those of the library that upstream's API server uses, since they reach the client:
/// a value that is not given is null, and replacing a key that an object does not have adds it.</summary>
public static class JsonPatch
{
    /// <summary>Upstream's limit of operations in one patch that a client sends.</summary>
    public const int MaxOperations = 10000;

    /// <summary>Applies all operations in order and returns the resulting document; <paramref name="document"/> may be changed on the way.</summary>
    /// <exception cref="PatchException">An operation is malformed or does not fit.</exception>
    public static JsonObject Apply(JsonObject document, JsonArray patch)
    {
        foreach (var item in patch)
        {
            if (item is not (JsonObject or null))
            {
                throw PatchException.Malformed($"json: cannot unmarshal {KindOf(item)} into Go value of type jsonpatch.Operation");
            }
        }

        JsonNode root = document;
        foreach (var item in patch)
        {
            root = Step(root, item as JsonObject ?? []);
        }

        return root as JsonObject ?? throw new PatchException("the patched document is not an object");
    }

    private static JsonNode Step(JsonNode root, JsonObject operation)
    {
        var kind = operation["op"] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "unknown";
        switch (kind)
        {
            case "add":
                Add(root, PathOf(operation) ?? throw NoPath(kind), Value(operation));
                return root;
            case "replace":
                return Replace(root, Required(operation, kind), operation);
            case "remove":
                Remove(root, PathOf(operation) ?? throw NoPath(kind));
                return root;
            case "test":
                Test(root, Required(operation, kind), operation);
                return root;
            case "move":
                Move(root, operation);
                return root;
            case "copy":
                Copy(root, operation);
                return root;
            default:
                throw new PatchException($"Unexpected kind: {kind}");
        }
    }

    private static void Add(JsonNode root, string path, JsonNode? value)
    {
        var place = JsonPointer.Resolve(root, path) ?? throw new PatchException($"add operation does not apply: doc is missing path: \"{path}\": missing value");
        Check($"error in add for path: '{path}'", place.Add(value));
    }

    private static JsonNode Replace(JsonNode root, string path, JsonObject operation)
    {
        if (path.Length == 0)
        {
            return Value(operation) is { } whole and (JsonObject or JsonArray) ? whole : throw new PatchException("replace operation value must be object or array: %!w(<nil>)");
        }

        var place = JsonPointer.Resolve(root, path) ?? throw new PatchException($"replace operation does not apply: doc is missing path: {path}: missing value");
        if (place.Get(out _) is not null)
        {
            throw new PatchException($"replace operation does not apply: doc is missing key: {path}: missing value");
        }

        place.Set(Value(operation));
        return root;
    }

    private static void Remove(JsonNode root, string path)
    {
        var place = JsonPointer.Resolve(root, path) ?? throw new PatchException($"remove operation does not apply: doc is missing path: \"{path}\": missing value");
        Check($"error in remove for path: '{path}'", place.Remove());
    }

    private static void Test(JsonNode root, string path, JsonObject operation)
    {
        operation.TryGetPropertyValue("value", out var expected);
        JsonNode? actual = root;
        if (path.Length > 0)
        {
            var place = JsonPointer.Resolve(root, path) ?? throw new PatchException($"test operation does not apply: is missing path: {path}: missing value");
            Check($"error in test for path: '{path}'", place.Get(out actual));
        }

        if (!JsonNode.DeepEquals(actual, expected))
        {
            throw new PatchException($"testing value {path} failed: test failed") { IsFailedTest = true };
        }
    }

    private static void Move(JsonNode root, JsonObject operation)
    {
        var from = From(operation, "move");
        var source = JsonPointer.Resolve(root, from) ?? throw new PatchException($"move operation does not apply: doc is missing from path: {from}: missing value");
        Check($"error in move for path: '{source.Token}'", source.Get(out var value));
        Check($"error in move for path: '{source.Token}'", source.Remove());
        var path = Required(operation, "move");
        var place = JsonPointer.Resolve(root, path) ?? throw new PatchException($"move operation does not apply: doc is missing destination path: {path}: missing value");
        Check($"error in move for path: '{path}'", place.Add(value));
    }

    private static void Copy(JsonNode root, JsonObject operation)
    {
        var from = From(operation, "copy");
        var source = JsonPointer.Resolve(root, from) ?? throw new PatchException($"copy operation does not apply: doc is missing from path: {from}: missing value");
        Check($"error in copy for from: '{from}'", source.Get(out var value));
        var path = PathOf(operation) ?? throw NoPath("copy");
        var place = JsonPointer.Resolve(root, path) ?? throw new PatchException($"copy operation does not apply: doc is missing destination path: {path}: missing value");
        Check("error while adding value during copy", place.Add(value?.DeepClone()));
    }

    private static void Check(string what, string? problem)
    {
        if (problem is not null)
        {
            throw new PatchException($"{what}: {problem}");
        }
    }

    private static string Required(JsonObject operation, string kind) =>
        PathOf(operation) ?? throw new PatchException($"{kind} operation failed to decode path: {Unreadable(operation, "path", "operation missing path field: missing value")}");

    private static string From(JsonObject operation, string kind) =>
        Text(operation, "from") ?? throw new PatchException($"{kind} operation failed to decode from: {Unreadable(operation, "from", "operation, missing from field: missing value")}");

    private static PatchException NoPath(string kind) => new($"{kind} operation failed to decode path: missing value");

    private static string? PathOf(JsonObject operation) => Text(operation, "path");

    private static string? Text(JsonObject operation, string name) =>
        operation[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static string Unreadable(JsonObject operation, string name, string missing) =>
        operation[name] is { } value ? $"json: cannot unmarshal {KindOf(value)} into Go value of type string" : missing;

    private static JsonNode? Value(JsonObject operation) => operation["value"]?.DeepClone();

    private static string KindOf(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        _ => "bool",
    };
}
