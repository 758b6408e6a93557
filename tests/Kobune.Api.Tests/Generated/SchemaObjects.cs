using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Kobune.Api.Schema;

namespace Kobune.Api.Tests.Generated;

/// <summary>Objects of a kind as its schema allows them: every field now and then, lists and maps of some items, texts with the characters that codecs trip over.</summary>
internal static class SchemaObjects
{
    private const int Deepest = 9;

    private static readonly Gen<string> Texts = Gen.Frequency(
        (6, Gen.Elements("a", "b", "web", "x-1", "nginx:1.27", "")),
        (2, Gen.Elements("ä", "名前", "\"quoted\"", "a\\b", "<&>", "line\nbreak", "\u2028", "\ud83d\ude80", "\u0001", "null", "1", "true")),
        (1, Gen.Choose(1, 300).Select(n => new string('y', n))));

    private static readonly Gen<string> Names = Gen.Elements("a", "b", "c", "web", "x.y/z", "0", "ä");

    /// <summary>Objects of a kind, with apiVersion, kind and a name.</summary>
    public static Gen<JsonObject> Of(SchemaType kind) => Gen.Sized(size => Object(kind, 0, size)).Select(obj =>
    {
        obj["apiVersion"] = kind.ApiVersion;
        obj["kind"] = kind.Name;
        return obj;
    });

    /// <summary>An object, fields left out more often the deeper it lies and the smaller the size.</summary>
    private static Gen<JsonObject> Object(SchemaType type, int depth, int size)
    {
        var likely = Math.Max(0, 60 - (12 * depth)) * (size + 8) / 48;
        var fields = type.Fields.Where(f => !f.IsOff).ToList();
        return Gen.CollectToArray(fields, field => Gen.Choose(0, 99).SelectMany(roll =>
            roll < likely || (field.IsRequired && depth < Deepest) ? Value(field.Type, depth + 1, size).Select(v => (field.Name, Value: v, Is: true)) : Gen.Constant((field.Name, Value: (JsonNode?)null, Is: false))))
            .Select(all =>
            {
                var obj = new JsonObject();
                foreach (var (name, value, _) in all.Where(f => f.Is))
                {
                    obj[name] = value;
                }

                return obj;
            });
    }

    private static Gen<JsonNode?> Value(SchemaType type, int depth, int size) => type.Shape switch
    {
        SchemaShape.String => Texts.Select(t => (JsonNode?)t),
        SchemaShape.Boolean => Gen.Elements(true, false).Select(b => (JsonNode?)b),
        SchemaShape.Int32 => Gen.Elements(0, 1, -1, 80, int.MaxValue, int.MinValue).Select(n => (JsonNode?)n),
        SchemaShape.Int64 => Gen.Elements(0L, 1L, -1L, 4_294_967_296L, long.MaxValue, long.MinValue).Select(n => (JsonNode?)n),
        SchemaShape.Double => Gen.Elements(0d, 1.5, -2.25, 1e21, 1e-7).Select(n => (JsonNode?)n),
        SchemaShape.Bytes => Gen.Choose(1, 40).SelectMany(n => Gen.ArrayOf(Gen.Choose(0, 255).Select(b => (byte)b), n)).Select(b => (JsonNode?)Convert.ToBase64String(b)),
        SchemaShape.Time => Gen.Elements("2024-02-29T23:59:59Z", "1970-01-01T00:00:00Z", "2024-01-01T02:00:00+02:00").Select(t => (JsonNode?)t),
        SchemaShape.MicroTime => Gen.Elements("2024-02-29T23:59:59.000001Z", "1999-12-31T00:00:00.000000Z").Select(t => (JsonNode?)t),
        SchemaShape.Duration => Gen.Elements("0s", "1h2m3s", "-1.5s", "1ns").Select(t => (JsonNode?)t),
        SchemaShape.Quantity => Gen.Elements("0", "1", "500m", "1.5", "2Gi", "1e3", "-7", "12345678901234567890", "0.1n").Select(t => (JsonNode?)t),
        SchemaShape.IntOrString => Gen.Elements<JsonNode?>("25%", "http", "").Or(Gen.Elements(0, 8080).Select(n => (JsonNode?)n)).Select(v => v?.DeepClone()),
        SchemaShape.Object => depth > Deepest ? Gen.Constant((JsonNode?)null).Select(_ => (JsonNode?)new JsonObject()) : Object(type, depth, size).Select(o => (JsonNode?)o),
        SchemaShape.List or SchemaShape.Map when depth > Deepest => Gen.Constant(0).Select(_ => (JsonNode?)null),
        SchemaShape.List => List(type, depth, size),
        SchemaShape.Map => Map(type, depth, size),
        SchemaShape.Raw or SchemaShape.Any => Gen.Elements("{}", """{"a":{"b":[1,"x",null]}}""", """{"z":1.0,"a":-0}""").Select(t => JsonNode.Parse(t)),
        _ => Gen.Constant(0).Select(_ => (JsonNode?)null), // what is no union's member is null
    };

    /// <summary>Never empty: protobuf does not tell an empty list from none, as upstream's does not.</summary>
    private static Gen<JsonNode?> List(SchemaType type, int depth, int size) => Gen.Choose(1, 3).SelectMany(n => Gen.ArrayOf(Value(type.Element, depth + 1, size), n)).Select(items =>
    {
        var distinct = new HashSet<string>(StringComparer.Ordinal);
        JsonNode?[] kept = [.. items.Where(i => i is not null && distinct.Add(Key(type, i)))];
        return kept.Length == 0 ? null : (JsonNode?)new JsonArray(kept);
    });

    /// <summary>Items of sets and map lists are distinct, else they are no valid lists.</summary>
    private static string Key(SchemaType type, JsonNode item) => type.Merge switch
    {
        MergeSemantics.Set => item.ToJsonString(),
        MergeSemantics.Map => string.Join('|', type.ListKeys.Select(key => item[key]?.ToJsonString() ?? Default(type, key))),
        _ => Guid.NewGuid().ToString(),
    };

    private static string Default(SchemaType list, string key) => list.Element.TryGetField(key, out var field) ? field.Default ?? "" : "";

    private static Gen<JsonNode?> Map(SchemaType type, int depth, int size) =>
        Gen.Choose(1, 3).SelectMany(n => Gen.ArrayOf(Names.SelectMany(name => Value(type.Element, depth + 1, size).Select(v => (name, v))), n)).Select(pairs =>
        {
            var map = new JsonObject();
            foreach (var (name, value) in pairs)
            {
                if (value is not null)
                {
                    map[name] = value;
                }
            }

            return map.Count == 0 ? null : (JsonNode?)map;
        });
}
