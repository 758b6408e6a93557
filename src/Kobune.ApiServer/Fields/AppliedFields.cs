using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Api.Schema;
using Kobune.Api.Validation;
using Kobune.ApiServer.CustomResources;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Fields;

/// <summary>The fields that an applied configuration has an opinion on. What does not fit the schema is refused. Source: structured-merge-diff, typed.ToFieldSet and validation.</summary>
internal sealed class AppliedFields(bool allowDuplicates)
{
    private readonly List<string> _problems = [];

    /// <summary>The fields of a configuration; those that are no manager's (name, uid, ...) are left out.</summary>
    /// <exception cref="StatusException">A field is unknown, of the wrong type, or an item of a map list has no key or one that occurs twice.</exception>
    public static FieldSet Of(JsonObject config, FieldShape shape)
    {
        var (set, problems) = Read(config, shape, allowDuplicates: false);
        if (problems.Count > 0)
        {
            throw StatusErrors.Of(500, "", $"failed to create typed patch object ({Subject(config)}): {Text(problems)}");
        }

        FieldDiff.Strip(set);
        return set;
    }

    /// <summary>Makes sure that an object which others apply to fits the schema.</summary>
    /// <exception cref="StatusException">It does not, as when an item has no key.</exception>
    public static void CheckLive(JsonObject live, FieldShape shape, bool isManaged)
    {
        var problems = Read(live, shape, allowDuplicates: true).Problems;
        if (problems.Count > 0)
        {
            var failed = isManaged ? $"failed to create typed live object ({Subject(live)})" : $"failed to create manager for existing fields: failed to convert new object ({Subject(live)}) to smd typed";
            throw StatusErrors.Of(500, "", $"{failed}: {Text(problems)}");
        }
    }

    /// <summary>The fields of an object, those that are no manager's among them. What does not fit the schema has none.</summary>
    public static FieldSet OfObject(JsonObject obj, FieldShape shape) => Read(obj, shape, allowDuplicates: true).Fields;

    /// <summary>Whether an object fits the schema; items of lists may be there twice.</summary>
    public static bool Fits(JsonObject obj, FieldShape shape) => Read(obj, shape, allowDuplicates: true).Problems.Count == 0;

    /// <summary>What does not fit; null when all does.</summary>
    public static string? ProblemOf(JsonObject config, FieldShape shape) => Read(config, shape, allowDuplicates: false).Problems is { Count: > 0 } problems ? Text(problems) : null;

    private static (FieldSet Fields, List<string> Problems) Read(JsonObject obj, FieldShape shape, bool allowDuplicates)
    {
        var fields = new AppliedFields(allowDuplicates);
        var set = new FieldSet();
        fields.Object(obj, shape, set, "");
        return (set, fields._problems);
    }

    private static string Text(List<string> problems) => problems.Count == 1 ? problems[0] : $"errors:\n{string.Join('\n', problems.Select(p => "  " + p))}";

    private static string Subject(JsonObject config)
    {
        var (group, version) = ApiSchema.SplitApiVersion(config.TextAt("apiVersion"));
        var metadata = config["metadata"] as JsonObject;
        return $"{metadata.TextAt("namespace")}/{metadata.TextAt("name")}; {group}/{version}, Kind={config.TextAt("kind")}";
    }

    private void Value(JsonNode? value, FieldShape shape, FieldSet set, string path)
    {
        if (value is not null && Misfit(value, shape.Type) is { } problem)
        {
            _problems.Add($"{path}: {problem}");
            return;
        }

        switch (value)
        {
            case JsonObject map:
                Object(map, shape, shape.IsAtomic ? new FieldSet() : set, path);
                set.IsMember |= shape.IsAtomic;
                break;
            case JsonArray list when shape.IsSet || shape.IsMapList:
                Items(list, shape, set, path);
                break;
            case JsonArray list:
                set.IsMember = true;
                for (var i = 0; i < list.Count; i++)
                {
                    Value(list[i], shape.Item, new FieldSet(), $"{path}[{i}]"); // belongs to one manager as a whole, but has to fit
                }

                break;
            default:
                set.IsMember = true;
                break;
        }
    }

    private void Object(JsonObject map, FieldShape shape, FieldSet set, string path)
    {
        foreach (var (name, value) in map)
        {
            if (shape.Type is { IsKind: true } && name is "apiVersion" or "kind")
            {
                continue;
            }

            if (!shape.Knows(name))
            {
                _problems.Add($"{path}.{name}: field not declared in schema");
                return; // the rest of the object is not looked at
            }

            var child = set.Child("f:" + name);
            Value(value, shape.Child(name), child, $"{path}.{name}");
            child.IsMember |= value is null or JsonObject { Count: 0 } || !shape.IsDeclared(name);
        }

        set.Trim(); // an empty list of items is nobody's
    }

    private void Items(JsonArray list, FieldShape shape, FieldSet set, string path)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < list.Count; i++)
        {
            var item = list[i];
            if (shape.ProblemOf(item) is { } problem)
            {
                _problems.Add($"{path}: element {i}: {problem}");
                return; // what comes after it is not looked at
            }

            var element = shape.ElementOf(item);
            var isFirst = seen.Add(element);
            if (!isFirst && !allowDuplicates)
            {
                _problems.Add($"{path}: duplicate entries for key {FieldPaths.Element(element)}");
            }

            var child = isFirst ? set.Child(element) : new FieldSet();
            child.IsMember = true;
            Value(item, shape.Item, child, path + FieldPaths.Element(element));
        }
    }

    private static string? Misfit(JsonNode value, SchemaType? type) => type?.Shape switch
    {
        SchemaShape.Object or SchemaShape.Map => value is JsonObject ? null : $"expected map, got {Show(value)}",
        SchemaShape.List => value is JsonArray ? null : $"expected list, got {Show(value)}",
        SchemaShape.String or SchemaShape.Bytes => value.GetValueKind() == JsonValueKind.String ? null : $"expected string, got &value.valueUnstructured{{Value:{Syntax(value)}}}",
        SchemaShape.Boolean => value.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? null : $"expected boolean, got {Show(value)}",
        SchemaShape.Int32 or SchemaShape.Int64 or SchemaShape.Double => value.GetValueKind() == JsonValueKind.Number ? null : $"expected numeric (int or float), got {GoValue.TypeOf(value)}",
        _ => null,
    };

    private static string Show(JsonNode value) => $"&{{{GoValue.Show(value)}}}";

    /// <summary>As Go's %#v.</summary>
    private static string Syntax(JsonNode? value) => value switch
    {
        null => "interface {}(nil)",
        JsonObject map => $"map[string]interface {{}}{{{string.Join(", ", map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{GoQuote.Of(p.Key)}:{Syntax(p.Value)}"))}}}",
        JsonArray list => $"[]interface {{}}{{{string.Join(", ", list.Select(Syntax))}}}",
        JsonValue text when text.TryGetValue<string>(out var some) => GoQuote.Of(some),
        _ => GoValue.Show(value),
    };
}
