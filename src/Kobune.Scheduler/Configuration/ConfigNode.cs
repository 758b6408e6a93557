using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Json;

namespace Kobune.Scheduler.Configuration;

/// <summary>An object of a configuration file with its place in it. What is not read in the end is an error: nothing is ignored in silence.</summary>
internal sealed class ConfigNode(JsonObject tree, string path, ConfigProblems problems)
{
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    public string Path => path;

    /// <summary>Where what is wrong with values is noted; what is of a wrong kind is thrown.</summary>
    public ConfigProblems Problems => problems;

    /// <summary>The place of a field.</summary>
    public string At(string field) => path.Length == 0 ? field : $"{path}.{field}";

    public string? Text(string field) => Take(field) is not { } node ? null : node is JsonValue value && value.TryGetValue<string>(out var text) ? text : throw Wrong(field, "a string");

    public int? Number(string field) => Take(field) is not { } node ? null : node is JsonValue value && value.TryGetValue<int>(out var number) ? number : throw Wrong(field, "a number");

    public bool? Flag(string field) => Take(field) is not { } node ? null : node is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag : throw Wrong(field, "true or false");

    public ConfigNode? Child(string field) => Take(field) switch
    {
        null => null,
        JsonObject child => new(child, At(field), problems),
        _ => throw Wrong(field, "an object"),
    };

    public IReadOnlyList<ConfigNode> Items(string field) => Take(field) switch
    {
        null => [],
        JsonArray list => [.. list.Select((item, i) => item is JsonObject child ? new ConfigNode(child, $"{At(field)}[{i}]", problems) : throw Wrong($"{field}[{i}]", "an object"))],
        _ => throw Wrong(field, "a list"),
    };

    public IReadOnlyList<string> Texts(string field) => Take(field) switch
    {
        null => [],
        JsonArray list => [.. list.Select((item, i) => item is JsonValue value && value.TryGetValue<string>(out var text) ? text : throw Wrong($"{field}[{i}]", "a string"))],
        _ => throw Wrong(field, "a list"),
    };

    /// <summary>A part that is a record of the API, or that stands in a field of one.</summary>
    public T? Record<T>(string field, string? within = null)
        where T : class, IJsonRecord<T>
    {
        try
        {
            return Take(field) is not { } part ? null : JsonText.Read<T>(Encoding.UTF8.GetBytes((within is null ? part : new JsonObject { [within] = part.DeepClone() }).ToJsonString()));
        }
        catch (JsonException e)
        {
            throw new FormatException($"{At(field)}: {e.Message}", e);
        }
    }

    /// <summary>Leaves fields alone that mean nothing here.</summary>
    public void Ignore(params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
        {
            _read.Add(field);
        }
    }

    /// <exception cref="FormatException">A field that nobody asked for.</exception>
    public void End()
    {
        if (tree.FirstOrDefault(f => !_read.Contains(f.Key)).Key is { } unknown)
        {
            throw new FormatException($"strict decoding error: unknown field \"{At(unknown)}\"");
        }
    }

    public FormatException Wrong(string field, string wanted) => new($"{At(field)}: Invalid value: {Shown(field)}: must be {wanted}");

    /// <summary>The field as it was written.</summary>
    public string Shown(string field) => tree[field]?.ToJsonString() ?? "null";

    private JsonNode? Take(string field)
    {
        _read.Add(field);
        return tree[field];
    }
}
