using System.Buffers;
using System.Text.Json;
using Kobune.Api.Json;

namespace Kobune.ApiServer.Aggregation;

/// <summary>
/// Puts the paths below /apis/ of other servers' OpenAPI v2 documents, and the definitions that those need, into this server's. A path that is there already stays; a definition of a taken
/// name that says something else is renamed NAME_v2. Pure. Source: k8s.io/kube-openapi, pkg/aggregator.
/// </summary>
internal sealed class OpenApiMerge
{
    /// <summary>How documents of others are read.</summary>
    public static readonly JsonDocumentOptions Options = new() { MaxDepth = JsonText.MaxDepth };

    private const string Paths = "paths";
    private const string Definitions = "definitions";
    private readonly JsonElement _own;
    private readonly SortedDictionary<string, MergedItem> _paths = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, MergedItem> _definitions = new(StringComparer.Ordinal);

    private OpenApiMerge(JsonElement own)
    {
        _own = own;
        Take(own, Paths, _paths);
        Take(own, Definitions, _definitions);
    }

    /// <summary>The merged document; those of higher priority come first.</summary>
    public static byte[] Merge(ReadOnlyMemory<byte> own, IReadOnlyList<ReadOnlyMemory<byte>> others)
    {
        using var document = JsonDocument.Parse(own, Options);
        var sources = others.Select(o => JsonDocument.Parse(o, Options)).ToArray();
        try
        {
            var merge = new OpenApiMerge(document.RootElement);
            foreach (var source in sources)
            {
                merge.Add(source.RootElement);
            }

            return merge.Write();
        }
        finally
        {
            foreach (var source in sources)
            {
                source.Dispose();
            }
        }
    }

    private static void Take(JsonElement document, string part, SortedDictionary<string, MergedItem> items)
    {
        foreach (var (name, value) in MergedItem.Members(document, part))
        {
            items[name] = new(value);
        }
    }

    private void Add(JsonElement source)
    {
        var parameters = MergedItem.Members(source, "parameters").ToDictionary(p => p.Name, p => p.Value);
        var definitions = MergedItem.Members(source, Definitions).ToDictionary(d => d.Name, d => d.Value);
        var paths = MergedItem.Members(source, Paths).Where(p => p.Name.StartsWith("/apis/", StringComparison.Ordinal) && !_paths.ContainsKey(p.Name)).ToArray();
        var needed = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var path in paths)
        {
            Need(path.Value, definitions, parameters, needed);
        }

        var names = needed.Select(n => (From: n, To: NameFor(n, definitions))).Where(n => n.From != n.To).ToDictionary(n => n.From, n => n.To);
        foreach (var name in needed)
        {
            var item = new MergedItem(definitions[name]) { Names = names, Parameters = parameters };
            var target = names.GetValueOrDefault(name, name);
            _definitions[target] = _definitions.TryGetValue(target, out var known) ? known.WithKindsOf(definitions[name]) : item;
        }

        foreach (var (name, value) in paths)
        {
            _paths[name] = new(value) { Names = names, Parameters = parameters };
        }
    }

    /// <summary>All definitions that can be reached from here.</summary>
    private static void Need(JsonElement element, Dictionary<string, JsonElement> definitions, Dictionary<string, JsonElement> parameters, SortedSet<string> needed)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
            {
                Need(item, definitions, parameters, needed);
            }
        }

        if (element.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (var member in element.EnumerateObject())
        {
            if (MergedItem.Definition(member) is { } name && definitions.TryGetValue(name, out var definition) && needed.Add(name))
            {
                Need(definition, definitions, parameters, needed);
            }
            else if (MergedItem.Parameter(member) is { } shared && parameters.TryGetValue(shared, out var parameter))
            {
                Need(parameter, definitions, parameters, needed);
            }
            else
            {
                Need(member.Value, definitions, parameters, needed);
            }
        }
    }

    /// <summary>The same name where it is free or means the same, or else the first NAME_vN that does.</summary>
    private string NameFor(string name, Dictionary<string, JsonElement> source)
    {
        var candidate = name;
        for (var i = 2; ; i++)
        {
            var isFree = !_definitions.TryGetValue(candidate, out var known) && (candidate == name || !source.ContainsKey(candidate));
            if (isFree || known?.IsSame(source[name]) == true)
            {
                return candidate;
            }

            candidate = $"{name}_v{i}";
        }
    }

    private byte[] Write()
    {
        var buffer = new ArrayBufferWriter<byte>(1 << 20);
        using (var writer = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
        {
            writer.WriteStartObject();
            foreach (var member in _own.EnumerateObject())
            {
                writer.WritePropertyName(member.Name);
                switch (member.Name)
                {
                    case Paths:
                        Write(writer, _paths);
                        break;
                    case Definitions:
                        Write(writer, _definitions);
                        break;
                    default:
                        member.Value.WriteTo(writer);
                        break;
                }
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, SortedDictionary<string, MergedItem> items)
    {
        writer.WriteStartObject();
        foreach (var (name, item) in items)
        {
            writer.WritePropertyName(name);
            item.Write(writer);
        }

        writer.WriteEndObject();
    }
}
