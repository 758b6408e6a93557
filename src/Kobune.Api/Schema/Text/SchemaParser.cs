using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Kobune.Api.Schema.Text;

/// <summary>Reads the text of one schema file. Also compiled into the generator, so it uses nothing but the base library.</summary>
internal sealed class SchemaParser
{
    private static readonly string[] AllVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    private readonly SchemaFile _file = new();
    private ResourceText? _resource;
    private TypeText? _type;
    private int _typeStart;

    private SchemaParser()
    {
    }

    /// <summary>Parses a file.</summary>
    /// <exception cref="FormatException">A line is not of the format; the message names its number.</exception>
    public static SchemaFile Parse(string text)
    {
        var parser = new SchemaParser();
        var number = 0;
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var start = text.Length - rest.Length;
            var line = Line(ref rest);
            number++;
            if (line.IsEmpty || line[0] == '#')
            {
                continue;
            }

            if (line[0] == ' ' && parser._type is not null && parser._resource is null)
            {
                parser.Extend(text, start, line.Length);
            }
            else if (!(line[0] == ' ' ? parser.Inner(line.TrimStart(' ')) : parser.Outer(line)))
            {
                throw new FormatException($"{parser._file.Group}/{parser._file.Version}, line {number}: not understood: {line}");
            }
        }

        return parser._file;
    }

    private bool Outer(ReadOnlySpan<char> line)
    {
        var word = Word(ref line);
        _resource = null;
        switch (word)
        {
            case "group": _file.Group = line.ToString(); return true;
            case "version": _file.Version = line.ToString(); return true;
            case "package": _file.Package = line.ToString(); return true;
            case "namespace": _file.Namespace = line.ToString(); return true;
            case "apiVersion": _file.ApiVersion = line.ToString(); return true;
            case "since": _file.Since = Minor(line); return true;
            case "served": _file.Served = line is "yes"; return true;
            case "stored": _file.Stored.Add(new(Word(ref line).ToString(), line.ToString())); return true;
            case "resource": return Resource(line);
            case "table":
                _resource = new ResourceText { Kind = line.ToString() };
                _file.Tables.Add(_resource);
                return true;
            case "enum" or "constants":
                _file.Enums.Add(new(Word(ref line).ToString(), word is "enum", Words(line)));
                return true;
            default: return TypeHead(word, line);
        }
    }

    private bool TypeHead(ReadOnlySpan<char> word, ReadOnlySpan<char> line)
    {
        TypeForm? form = word switch { "type" => TypeForm.Struct, "kind" => TypeForm.Kind, "list" => TypeForm.List, "scalar" => TypeForm.Scalar, _ => null };
        if (form is null)
        {
            return false;
        }

        _type = new TypeText { Form = form.Value, Name = Word(ref line).ToString() };
        _file.Types.Add(_type);
        if (form == TypeForm.List)
        {
            _type.Item = line.ToString();
            return true;
        }

        while (!line.IsEmpty)
        {
            var flag = Word(ref line);
            switch (flag)
            {
                case "union": _type.Form = TypeForm.Union; break;
                case "atomic" or "granular": _type.Structure = flag.ToString(); break;
                case "deprecated": _type.Deprecated = true; break;
                case "noproto": _type.NoProtobuf = true; break;
                default:
                    if (!flag.StartsWith("apiVersion="))
                    {
                        return false;
                    }

                    _type.ApiVersion = flag["apiVersion=".Length..].ToString();
                    break;
            }
        }

        return true;
    }

    private bool Resource(ReadOnlySpan<char> line)
    {
        _resource = new ResourceText { Plural = Word(ref line).ToString(), Kind = Word(ref line).ToString() };
        _resource.ListKind = line.IsEmpty ? null : line.ToString();
        _file.Resources.Add(_resource);
        return true;
    }

    private bool Inner(ReadOnlySpan<char> line)
    {
        return _resource is not null && ResourceLine(_resource, line);
    }

    /// <summary>A type's lines are only marked here: most types are never looked at in a run.</summary>
    private void Extend(string text, int start, int length)
    {
        var from = _type!.Body.IsEmpty ? start : _typeStart;
        _typeStart = from;
        _type.Body = text.AsMemory(from, start + length - from);
    }

    private static bool ResourceLine(ResourceText resource, ReadOnlySpan<char> line)
    {
        switch (Word(ref line))
        {
            case "singular": resource.Singular = line.ToString(); return true;
            case "short": resource.ShortNames = Words(line); return true;
            case "categories": resource.Categories = Words(line); return true;
            case "scope": resource.Namespaced = line is "Namespaced"; return true;
            case "verbs": resource.Verbs = line is "*" ? AllVerbs : Words(line); return true;
            case "deprecated":
                resource.DeprecatedSince = Minor(Word(ref line));
                resource.Instead = line.ToString();
                return true;
            case "since": resource.Since = Minor(line); return true;
            case "key": resource.Key = line.ToString(); return true;
            case "storage":
                resource.StorageVersion = Word(ref line).ToString();
                resource.StorageVersionHash = line.ToString();
                return true;
            case "sub":
                resource.Subresources.Add(Subresource(line));
                return true;
            case "column": return Column(resource, line);
            default: return false;
        }
    }

    private static SubresourceText Subresource(ReadOnlySpan<char> line)
    {
        const string Since = "since=";
        var (name, kind) = (Word(ref line).ToString(), Word(ref line).ToString());
        var words = Words(line);
        return words is [.. var verbs, var last] && last.StartsWith(Since, StringComparison.Ordinal)
            ? new(name, kind, verbs, Minor(last.AsSpan(Since.Length)))
            : new(name, kind, words, 0);
    }

    private static bool Column(ResourceText resource, ReadOnlySpan<char> line)
    {
        var colon = line.IndexOf(" : ");
        if (colon < 0)
        {
            return false;
        }

        var words = Words(line[..colon]);
        var type = words[1];
        var format = "";
        var open = type.IndexOf('(', StringComparison.Ordinal);
        if (open > 0)
        {
            format = type[(open + 1)..^1];
            type = type[..open];
        }

        resource.Columns.Add(new(words[0], type, format, words.Length > 2 && words[2] == "wide", line[(colon + 3)..].ToString()));
        return true;
    }

    /// <summary>"1.33" as 33.</summary>
    internal static int Minor(ReadOnlySpan<char> version) => int.Parse(version["1.".Length..], NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>Takes the next line.</summary>
    internal static ReadOnlySpan<char> Line(ref ReadOnlySpan<char> text)
    {
        var end = text.IndexOf('\n');
        var line = end < 0 ? text : text[..end];
        text = end < 0 ? default : text[(end + 1)..];
        return line;
    }

    /// <summary>Takes the next word; a quoted one (JSON string) is returned with its quotes.</summary>
    internal static ReadOnlySpan<char> Word(ref ReadOnlySpan<char> line)
    {
        var end = 0;
        var quoted = false;
        while (end < line.Length && (quoted || line[end] != ' '))
        {
            if (line[end] == '"')
            {
                quoted = !quoted;
            }

            end++;
        }

        var word = line[..end];
        line = end < line.Length ? line[(end + 1)..] : default;
        return word;
    }

    internal static string[] Words(ReadOnlySpan<char> line)
    {
        var words = new List<string>();
        while (!line.IsEmpty)
        {
            var word = Word(ref line);
            words.Add(word[0] == '"' ? Unquote(word) : word.ToString());
        }

        return [.. words];
    }

    private static string Unquote(ReadOnlySpan<char> word)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(word.ToString()));
        reader.Read();
        return reader.GetString()!;
    }
}
