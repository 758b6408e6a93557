using System.Diagnostics.CodeAnalysis;

namespace Kobune.Api.Schema;

/// <summary>The type of a JSON value. Immutable; what it refers to is resolved on first use, so types may refer to each other in circles.</summary>
public sealed class SchemaType
{
    private readonly Func<SchemaType>? _element;
    private readonly Func<IReadOnlyList<SchemaField>>? _fieldSource;
    private readonly Func<IReadOnlyList<SchemaUnion>>? _unionSource;
    private FieldTable? _fields;
    private Lazy<bool>? _leadsToOff;

    /// <summary>A scalar.</summary>
    public SchemaType(SchemaShape shape)
    {
        Shape = shape;
    }

    /// <summary>A list or map of elements.</summary>
    public SchemaType(SchemaShape shape, Func<SchemaType> element)
    {
        Shape = shape;
        _element = element;
    }

    /// <summary>An object or union with fields, in their JSON order.</summary>
    public SchemaType(SchemaShape shape, Func<IReadOnlyList<SchemaField>> fields, Func<IReadOnlyList<SchemaUnion>>? unions = null)
    {
        Shape = shape;
        _fieldSource = fields;
        _unionSource = unions;
    }

    /// <summary>What JSON it is.</summary>
    public SchemaShape Shape { get; }

    /// <summary>"apps/v1.Deployment"; empty for lists, maps and nameless objects.</summary>
    public string Id { get; init; } = "";

    /// <summary>"Deployment"; empty for a nameless type.</summary>
    public string Name { get; init; } = "";

    /// <summary>Go's name, as it appears in upstream's decoding errors: "v1.Deployment", "[]v1.Container", "int32".</summary>
    public string GoName { get; init; } = "";

    /// <summary>OpenAPI definition, "io.k8s.api.apps.v1.Deployment"; empty for a nameless type.</summary>
    public string OpenApiName { get; init; } = "";

    /// <summary>Whether objects carry apiVersion and kind.</summary>
    public bool IsKind { get; init; }

    /// <summary>Of a kind: "apps/v1".</summary>
    public string ApiVersion { get; init; } = "";

    /// <summary>How values are merged.</summary>
    public MergeSemantics Merge { get; init; }

    /// <summary>Whether upstream's OpenAPI states <see cref="Merge"/>.</summary>
    public bool MergeIsMarked { get; init; } = true;

    /// <summary>Of a list with <see cref="MergeSemantics.Map"/>: the fields that tell items apart.</summary>
    public IReadOnlyList<string> ListKeys { get; init; } = [];

    /// <summary>Of a named list: protobuf wraps it into a message.</summary>
    public bool IsWrapped { get; init; }

    /// <summary>Whether protobuf knows the type.</summary>
    public bool HasProtobuf { get; init; } = true;

    /// <summary>Whether unknown fields are kept.</summary>
    public bool PreservesUnknownFields { get; init; }

    /// <summary>A type of a custom resource: values are JSON as it came (nothing is decoded into Go's types), and all that is present is written.</summary>
    public bool IsCustom { get; init; }

    /// <summary>Of a custom type: null is a value.</summary>
    public bool IsNullable { get; init; }

    /// <summary>Of a custom type: the default as JSON, or null. For a field it is that of the field.</summary>
    public string? Default { get; init; }

    /// <summary>Of a custom kind: the type that bodies are read with before they are pruned; null when it is the type itself.</summary>
    public SchemaType? Wire { get; init; }

    /// <summary>Of a custom kind: its OpenAPI definition as JSON, in the dialect of version 3 (true) or 2.</summary>
    public Func<bool, string>? OpenApiSource { get; init; }

    /// <summary>Whether upstream calls it deprecated.</summary>
    public bool Deprecated { get; init; }

    /// <summary>Unions among the fields: discriminator (or empty), and members by field name.</summary>
    public IReadOnlyList<SchemaUnion> Unions => _unionSource?.Invoke() ?? [];

    /// <summary>Of a list or map: what it holds.</summary>
    public SchemaType Element => _element?.Invoke() ?? throw new InvalidOperationException($"{Shape} has no element");

    /// <summary>Fields in JSON order, those of inline structs included; apiVersion and kind are not among them.</summary>
    public IReadOnlyList<SchemaField> Fields => Table()?.Json ?? [];

    /// <summary>Fields of the protobuf message by descending number; an inline struct is one field.</summary>
    public IReadOnlyList<SchemaField> ProtobufFields => Table()?.Protobuf ?? [];

    /// <summary>The field of a name; names are case-sensitive.</summary>
    public bool TryGetField(ReadOnlySpan<char> name, [NotNullWhen(true)] out SchemaField? field)
    {
        field = null;
        return Table() is { } table && table.ByName.TryGetValue(name, out field);
    }

    /// <summary>The type of what an object or map has under a name; null when it knows none.</summary>
    public SchemaType? TypeOf(string name) => TryGetField(name, out var field) ? field.Type : Shape == SchemaShape.Map ? Element : null;

    /// <summary>The field of a protobuf number.</summary>
    public bool TryGetField(int number, [NotNullWhen(true)] out SchemaField? field)
    {
        field = null;
        return Table() is { } table && table.ByNumber.TryGetValue(number, out field);
    }

    /// <inheritdoc/>
    public override string ToString() => Id.Length > 0 ? Id : GoName;

    /// <summary>Whether a field that is off lies in it, or in what it holds at any depth.</summary>
    internal bool LeadsToOff => (_leadsToOff ??= new(() => Leads(this, []))).Value;

    private static bool Leads(SchemaType type, HashSet<SchemaType> seen) => !type.IsCustom && seen.Add(type) && (type.Shape switch
    {
        SchemaShape.Object => type.Fields.Any(f => f.IsOff || Leads(f.Type, seen)),
        SchemaShape.List or SchemaShape.Map => Leads(type.Element, seen),
        _ => false,
    });

    /// <summary>Made on first use; two threads may make it at once, and the first one counts.</summary>
    private FieldTable? Table() =>
        _fields ?? (_fieldSource is null ? null : Interlocked.CompareExchange(ref _fields, new FieldTable(_fieldSource()), null) ?? _fields);

    private sealed class FieldTable
    {
        public FieldTable(IReadOnlyList<SchemaField> fields)
        {
            var json = new List<SchemaField>(fields.Count);
            var protobuf = new List<SchemaField>(fields.Count);
            var byName = new Dictionary<string, SchemaField>(StringComparer.Ordinal);
            foreach (var field in fields)
            {
                if (field.IsInline)
                {
                    json.AddRange(field.Type.Fields);
                }
                else
                {
                    json.Add(field);
                }

                if (field.Number > 0)
                {
                    protobuf.Add(field);
                    ByNumber.Add(field.Number, field);
                }
            }

            foreach (var field in json)
            {
                byName.Add(field.Name, field);
            }

            protobuf.Sort((a, b) => b.Number.CompareTo(a.Number));
            Json = [.. json];
            Protobuf = [.. protobuf];
            ByName = byName.GetAlternateLookup<ReadOnlySpan<char>>();
        }

        public SchemaField[] Json { get; }

        public SchemaField[] Protobuf { get; }

        public Dictionary<string, SchemaField>.AlternateLookup<ReadOnlySpan<char>> ByName { get; }

        public Dictionary<int, SchemaField> ByNumber { get; } = [];
    }
}

/// <summary>Fields of which one may be set.</summary>
/// <param name="Discriminator">JSON name of the field that says which; empty for none.</param>
/// <param name="Fields">JSON names of the members.</param>
/// <param name="Values">The discriminator's values for them.</param>
public sealed record SchemaUnion(string Discriminator, IReadOnlyList<string> Fields, IReadOnlyList<string> Values);
