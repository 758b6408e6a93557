using System.Globalization;

namespace Kobune.Api.Schema.Text;

/// <summary>Reads a field line: number, name, type, attributes.</summary>
internal static class FieldParser
{
    /// <summary>The field, or null when the line is not one.</summary>
    public static FieldText? Parse(ReadOnlySpan<char> line)
    {
        var number = SchemaParser.Word(ref line);
        var name = SchemaParser.Word(ref line);
        var type = SchemaParser.Word(ref line);
        if (number.IsEmpty || name.IsEmpty || type.IsEmpty)
        {
            return null;
        }

        var field = new FieldText { Number = number is "-" ? 0 : int.Parse(number, CultureInfo.InvariantCulture), Name = name.ToString() };
        if (name is "inline")
        {
            field.Inline = true;
            field.Type = field.GoName = type.ToString();
            return line.IsEmpty ? field : null;
        }

        if (type[^1] == '?')
        {
            field.Pointer = true;
            type = type[..^1];
        }

        field.Type = type.ToString();
        field.GoName = string.Concat(char.ToUpperInvariant(name[0]).ToString(), name[1..]);
        var omitempty = false;
        while (!line.IsEmpty)
        {
            var attribute = SchemaParser.Word(ref line);
            if (attribute is "omitempty")
            {
                omitempty = true;
            }
            else if (!Attribute(field, attribute))
            {
                return null;
            }
        }

        field.OmitEmpty |= omitempty;
        return field;
    }

    private static bool Attribute(FieldText field, ReadOnlySpan<char> attribute)
    {
        var equal = attribute.IndexOf('=');
        return equal < 0 ? Flag(field, attribute) : Value(field, attribute[..equal], attribute[(equal + 1)..]);
    }

    private static bool Flag(FieldText field, ReadOnlySpan<char> flag)
    {
        switch (flag)
        {
            case "required":
                field.Required = true;
                field.OmitEmpty = false;
                return true;
            case "always": field.OmitEmpty = false; return true;
            case "omitzero": field.OmitZero = true; return true;
            case "immutable": field.Immutable = true; return true;
            case "discriminator": field.Discriminator = true; return true;
            case "deprecated": field.Deprecated = true; return true;
            default: return false;
        }
    }

    private static bool Value(FieldText field, ReadOnlySpan<char> key, ReadOnlySpan<char> value)
    {
        switch (key)
        {
            case "go": field.GoName = value.ToString(); return true;
            case "default": field.Default = value.ToString(); return true;
            case "enum": field.Enum = value.ToString(); return true;
            case "map": field.AtomicMap = value is "atomic"; return true;
            case "struct": field.Structure = value.ToString(); return true;
            case "unique": field.Unique = value.ToString().Split(','); return true;
            case "oneof": field.OneOf = value.ToString(); return true;
            case "gate": field.Gates = value.ToString().Split(','); return true;
            case "since": field.Since = SchemaParser.Minor(value); return true;
            case "list":
                (field.List, var keys) = Call(value);
                field.ListKeys = keys.Length == 0 ? [] : keys.Split(',');
                return true;
            case "patch":
                (field.PatchStrategy, field.PatchMergeKey) = Call(value);
                return true;
            default: return false;
        }
    }

    /// <summary>"map(a,b)" as ("map", "a,b").</summary>
    private static (string Name, string Arguments) Call(ReadOnlySpan<char> value)
    {
        var open = value.IndexOf('(');
        return open < 0 ? (value.ToString(), "") : (value[..open].ToString(), value[(open + 1)..^1].ToString());
    }
}
