namespace Kobune.Api.Schema.Text;

/// <summary>The indented lines of a type block.</summary>
internal sealed class TypeBody
{
    public List<FieldText> Fields { get; } = [];

    public List<UnionText> Unions { get; } = [];

    /// <summary>Parses the lines.</summary>
    /// <exception cref="FormatException">A line is neither a field nor a union.</exception>
    public static TypeBody Parse(string type, ReadOnlySpan<char> text)
    {
        var body = new TypeBody();
        while (!text.IsEmpty)
        {
            var line = SchemaParser.Line(ref text).TrimStart(' ');
            if (line.IsEmpty || line[0] == '#')
            {
                continue;
            }

            if (line.StartsWith("oneof "))
            {
                body.Unions.Add(Union(line["oneof ".Length..]));
            }
            else
            {
                body.Fields.Add(FieldParser.Parse(line) ?? throw new FormatException($"{type}: not understood: {line}"));
            }
        }

        return body;
    }

    private static UnionText Union(ReadOnlySpan<char> line)
    {
        var discriminator = "";
        if (line.StartsWith("by "))
        {
            line = line["by ".Length..];
            discriminator = SchemaParser.Word(ref line).ToString();
        }

        var members = SchemaParser.Words(line);
        return new(
            discriminator,
            Array.ConvertAll(members, m => m[..m.IndexOf('=', StringComparison.Ordinal)]),
            Array.ConvertAll(members, m => m[(m.IndexOf('=', StringComparison.Ordinal) + 1)..]));
    }
}
