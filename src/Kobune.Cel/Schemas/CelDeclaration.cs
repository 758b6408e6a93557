using Kobune.Cel.Types;

namespace Kobune.Cel.Schemas;

/// <summary>
/// A schema as a type, with bounds of its size (k8s.io/apiserver/pkg/cel/common: SchemaDeclType). What a schema leaves open is bounded by what
/// fits into the largest request.
/// </summary>
internal sealed class CelDeclaration
{
    private const long MaxRequest = 3 * 1024 * 1024;
    private const int StringSize = 2;
    private const int LongestTime = 32;
    private const int DateSize = 12;
    private const int ShortestTime = 21;
    private const int ShortestDuration = 3;

    private static readonly CelDeclaration Key = new(CelType.String, 0, StringSize);

    private CelDeclaration(CelType type, long maxElements, long minSize)
    {
        Type = type;
        MaxElements = maxElements;
        MinSize = minSize;
    }

    public CelType Type { get; }

    /// <summary>The most elements, entries or octets. Types without size have zero, as upstream's.</summary>
    public long MaxElements { get; }

    /// <summary>The fewest octets in JSON.</summary>
    public long MinSize { get; }

    public CelDeclaration? KeyType { get; private init; }

    public CelDeclaration? Element { get; private init; }

    /// <summary>Fields by the names that expressions use.</summary>
    public IReadOnlyDictionary<string, CelDeclaration>? Fields { get; private init; }

    /// <summary>The declaration, or null for what expressions cannot see.</summary>
    public static CelDeclaration? Of(CelSchema schema, string name, bool isResource)
    {
        if (schema.IsIntOrString)
        {
            return new(CelType.Dyn, schema.MaxElements is { } length ? Math.Max(0, length) * 4 : MaxRequest - 2, 1);
        }

        schema = isResource ? schema.AsResource() : schema;
        return schema.Type switch
        {
            "array" => List(schema, name),
            "object" => schema.AdditionalProperties is { } values ? Map(schema, values, name) : Object(schema, name),
            "string" => Text(schema),
            "boolean" => new(CelType.Bool, 0, 4),
            "number" => new(CelType.Double, 0, 1),
            "integer" => new(CelType.Int, 0, 1),
            _ => null,
        };
    }

    private static CelDeclaration? List(CelSchema schema, string name)
    {
        if (schema.Items is not { } items || Of(items, name + ".@idx", items.IsEmbeddedResource) is not { } element)
        {
            return null;
        }

        var most = schema.MaxElements is { } limit ? Math.Max(0, limit) : (MaxRequest - 2) / (element.MinSize + 1);
        return new(CelType.List(element.Type), most, 2) { Element = element };
    }

    private static CelDeclaration? Map(CelSchema schema, CelSchema values, string name)
    {
        if (Of(values, name + ".@elem", values.IsEmbeddedResource) is not { } element)
        {
            return null;
        }

        var most = schema.MaxElements is { } limit ? Math.Max(0, limit) : (MaxRequest - 2) / (element.MinSize + 6);
        return new(CelType.Map(CelType.String, element.Type), most, 2) { KeyType = Key, Element = element };
    }

    private static CelDeclaration Object(CelSchema schema, string name)
    {
        var fields = new Dictionary<string, CelDeclaration>();
        long size = 2;
        foreach (var (property, inner) in schema.Properties ?? new Dictionary<string, CelSchema>())
        {
            var escaped = CelFieldName.Escape(property);
            if (Of(inner, $"{name}.{escaped ?? property}", inner.IsEmbeddedResource) is not { } field)
            {
                continue;
            }

            if (escaped is not null)
            {
                fields[escaped] = field;
            }

            // Defaults are filled in by the server, so they need no room in a request.
            size += schema.Required.Contains(property) && !inner.HasDefault ? property.Length + field.MinSize + 4 : 0;
        }

        return new(CelType.Struct(name), 0, size) { Fields = fields };
    }

    private static CelDeclaration Text(CelSchema schema)
    {
        var limit = schema.MaxElements is { } most ? Math.Max(0, most) : (long?)null;
        return schema.Format switch
        {
            "byte" => new(CelType.Bytes, limit ?? MaxRequest - 2, StringSize),
            "duration" => new(CelType.Duration, LongestTime, ShortestDuration),
            "date" => new(CelType.Timestamp, DateSize, DateSize),
            "date-time" => new(CelType.Timestamp, LongestTime, ShortestTime),
            // maxLength counts code points, requests count octets.
            _ when limit is { } length => new(CelType.String, length * 4, StringSize),
            _ when schema.Enum.Count > 0 => new(CelType.String, schema.Enum.Max(System.Text.Encoding.UTF8.GetByteCount), StringSize),
            _ => new(CelType.String, MaxRequest - 2, StringSize),
        };
    }
}
