using System.Buffers;
using System.Text;
using System.Text.Json;
using Kobune.Api.Json;
using Kobune.Api.Schema;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Kobune.ApiServer.Codec;

/// <summary>One YAML document to JSON, with the meaning that go-yaml gives to plain scalars. Duplicate keys: the last one counts and is reported.</summary>
internal sealed class YamlToJson
{
    private const int MaxNodes = 1_000_000;

    private readonly Dictionary<string, List<ParsingEvent>> _anchors = new(StringComparer.Ordinal);
    private readonly Utf8JsonWriter _writer;
    private readonly StrictErrors? _strict;
    private int _nodes;

    private YamlToJson(Utf8JsonWriter writer, StrictErrors? strict)
    {
        _writer = writer;
        _strict = strict;
    }

    /// <exception cref="ObjectDecodeException">Not YAML, or larger when expanded than a server may bear.</exception>
    public static byte[] Convert(ReadOnlyMemory<byte> yaml, StrictErrors? strict)
    {
        if (PlainJson.Is(yaml.Span))
        {
            return yaml.ToArray();
        }

        var buffer = new ArrayBufferWriter<byte>(yaml.Length + 16);
        using var writer = new Utf8JsonWriter(buffer, JsonText.WriterOptions);
        try
        {
            using var text = new StringReader(Encoding.UTF8.GetString(yaml.Span));
            var parser = new Parser(text);
            var events = new List<ParsingEvent>();
            var seen = false;
            while (parser.MoveNext())
            {
                if (parser.Current is DocumentStart)
                {
                    if (seen)
                    {
                        break; // the first document is the body
                    }

                    seen = true;
                }
                else if (parser.Current is not (StreamStart or StreamEnd or DocumentEnd))
                {
                    events.Add(parser.Current!);
                }
            }

            if (events.Count == 0)
            {
                return "null"u8.ToArray();
            }

            var at = 0;
            new YamlToJson(writer, strict).Node(events, ref at, "");
            writer.Flush();
            return buffer.WrittenSpan.ToArray();
        }
        catch (YamlException e)
        {
            throw new ObjectDecodeException($"error converting YAML to JSON: yaml: line {e.Start.Line}: {e.Message}");
        }
    }

    private void Node(List<ParsingEvent> events, ref int at, string path)
    {
        if (++_nodes > MaxNodes)
        {
            throw new ObjectDecodeException("error converting YAML to JSON: yaml: document contains excessive aliasing");
        }

        var start = at;
        switch (events[at])
        {
            case Scalar scalar:
                at++;
                YamlScalar.Write(_writer, scalar);
                break;
            case SequenceStart:
                at++;
                _writer.WriteStartArray();
                for (var i = 0; events[at] is not SequenceEnd; i++)
                {
                    Node(events, ref at, $"{path}[{i}]");
                }

                at++;
                _writer.WriteEndArray();
                break;
            case MappingStart:
                at++;
                Mapping(events, ref at, path);
                break;
            case AnchorAlias alias:
                at++;
                if (!_anchors.TryGetValue(alias.Value.Value, out var known))
                {
                    throw new ObjectDecodeException($"error converting YAML to JSON: yaml: unknown anchor '{alias.Value.Value}' referenced");
                }

                var inner = 0;
                Node(known, ref inner, path);
                break;
            default:
                throw new ObjectDecodeException("error converting YAML to JSON: yaml: unexpected structure");
        }

        if (events[start] is NodeEvent { Anchor.IsEmpty: false } anchored)
        {
            _anchors[anchored.Anchor.Value] = events[start..at];
        }
    }

    private void Mapping(List<ParsingEvent> events, ref int at, string path)
    {
        // Values are found first, so that of duplicate keys the last counts and merge keys ("<<") come under the own ones.
        var fields = new Dictionary<string, (List<ParsingEvent> Events, int At)>(StringComparer.Ordinal);
        var own = new HashSet<string>(StringComparer.Ordinal);
        Collect(events, ref at, path, fields, own, isMerge: false);
        _writer.WriteStartObject();
        foreach (var (name, place) in fields)
        {
            _writer.WritePropertyName(name);
            var inner = place.At;
            Node(place.Events, ref inner, path.Length == 0 ? name : $"{path}.{name}");
        }

        _writer.WriteEndObject();
    }

    private void Collect(List<ParsingEvent> events, ref int at, string path, Dictionary<string, (List<ParsingEvent> Events, int At)> fields, HashSet<string> own, bool isMerge)
    {
        while (events[at] is not MappingEnd)
        {
            if (events[at] is not Scalar key)
            {
                throw new ObjectDecodeException("error converting YAML to JSON: yaml: invalid map key");
            }

            at++;
            var value = at;
            Skip(events, ref at);
            if (key is { Value: "<<", Style: ScalarStyle.Plain })
            {
                Merge(events, value, path, fields, own);
                continue;
            }

            var name = YamlScalar.Key(key);
            if (isMerge && own.Contains(name))
            {
                continue;
            }

            if (!isMerge && !own.Add(name))
            {
                _strict?.Add($"yaml: line {key.Start.Line}: key \"{name}\" already set in map");
            }

            fields[name] = (events, value);
        }

        at++;
    }

    private void Merge(List<ParsingEvent> events, int at, string path, Dictionary<string, (List<ParsingEvent> Events, int At)> fields, HashSet<string> own)
    {
        if (events[at] is AnchorAlias alias && _anchors.TryGetValue(alias.Value.Value, out var known) && known[0] is MappingStart)
        {
            var inner = 1;
            Collect(known, ref inner, path, fields, own, isMerge: true);
            return;
        }

        throw new ObjectDecodeException("error converting YAML to JSON: yaml: map merge requires map or sequence of maps as the value");
    }

    /// <summary>Passes one node and remembers the anchors in it.</summary>
    private void Skip(List<ParsingEvent> events, ref int at)
    {
        var start = at;
        var depth = 0;
        do
        {
            depth += events[at] switch
            {
                MappingStart or SequenceStart => 1,
                MappingEnd or SequenceEnd => -1,
                _ => 0,
            };
            at++;
        }
        while (depth > 0);

        if (events[start] is NodeEvent { Anchor.IsEmpty: false } anchored)
        {
            _anchors[anchored.Anchor.Value] = events[start..at];
        }
    }
}
