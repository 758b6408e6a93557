namespace Kobune.Api.Schema.Text;

/// <summary>What a type block declares.</summary>
internal enum TypeForm
{
    /// <summary>An object.</summary>
    Struct,

    /// <summary>An object with apiVersion and kind.</summary>
    Kind,

    /// <summary>A named list; protobuf wraps it into a message.</summary>
    List,

    /// <summary>One of the few types with a codec of their own (Time, Quantity, ...).</summary>
    Scalar,

    /// <summary>JSON shows one of the fields, protobuf all of them.</summary>
    Union,
}

/// <summary>A type block.</summary>
internal sealed class TypeText
{
    public string Name { get; set; } = "";

    public TypeForm Form { get; set; }

    /// <summary>Of a named list: its type, "[]string".</summary>
    public string Item { get; set; } = "";

    public string? ApiVersion { get; set; }

    /// <summary>"atomic", "granular" or empty.</summary>
    public string Structure { get; set; } = "";

    public bool Deprecated { get; set; }

    public bool NoProtobuf { get; set; }

    /// <summary>The indented lines, parsed on first use.</summary>
    public ReadOnlyMemory<char> Body { get; set; }

    public List<FieldText> Fields => Parsed().Fields;

    public List<UnionText> Unions => Parsed().Unions;

    private TypeBody? _parsed;

    private TypeBody Parsed() => _parsed ??= TypeBody.Parse(Name, Body.Span);
}

/// <summary>A "oneof" line: discriminator (or empty), JSON names of the members and the discriminator's values for them.</summary>
internal sealed record UnionText(string Discriminator, string[] Fields, string[] Values);

/// <summary>A field line.</summary>
internal sealed class FieldText
{
    /// <summary>Protobuf number; 0 = not in protobuf.</summary>
    public int Number { get; set; }

    public string Name { get; set; } = "";

    /// <summary>"string", "[]Container", "map[string]Quantity", without the pointer mark.</summary>
    public string Type { get; set; } = "";

    /// <summary>Fields of <see cref="Type"/> belong to the same JSON object.</summary>
    public bool Inline { get; set; }

    public bool Pointer { get; set; }

    public bool Required { get; set; }

    public bool OmitEmpty { get; set; } = true;

    public bool OmitZero { get; set; }

    public string GoName { get; set; } = "";

    /// <summary>JSON text of the default.</summary>
    public string? Default { get; set; }

    public string? Enum { get; set; }

    /// <summary>"atomic", "set", "map" or "unmarked" (atomic without saying so).</summary>
    public string List { get; set; } = "atomic";

    public string[] ListKeys { get; set; } = [];

    public bool AtomicMap { get; set; }

    public string Structure { get; set; } = "";

    public string[] Unique { get; set; } = [];

    public string PatchStrategy { get; set; } = "";

    public string PatchMergeKey { get; set; } = "";

    public bool Immutable { get; set; }

    public bool Discriminator { get; set; }

    public string? OneOf { get; set; }

    public string[] Gates { get; set; } = [];

    public bool Deprecated { get; set; }

    /// <summary>The minor release of Kubernetes 1 whose type first had the field; 0 = older than all that can be run.</summary>
    public int Since { get; set; }
}
