using System.Text;

namespace Kobune.Api.Schema;

/// <summary>A field of an object.</summary>
public sealed class SchemaField
{
    private readonly Func<SchemaType> _source;
    private SchemaType? _type;

    /// <summary>A field whose type is resolved on first use.</summary>
    public SchemaField(string name, Func<SchemaType> type)
    {
        Name = name;
        Utf8Name = Encoding.UTF8.GetBytes(name);
        _source = type;
    }

    /// <summary>JSON name.</summary>
    public string Name { get; }

    /// <summary>JSON name in UTF-8.</summary>
    public byte[] Utf8Name { get; }

    /// <summary>Name of Go's field, "DNSPolicy"; empty in a custom type.</summary>
    public string GoName { get; init; } = "";

    /// <summary>Its type.</summary>
    public SchemaType Type => _type ?? Interlocked.CompareExchange(ref _type, _source(), null) ?? _type;

    /// <summary>Protobuf number; 0 = not in protobuf.</summary>
    public int Number { get; init; }

    /// <summary>The fields of the type belong to the same JSON object; protobuf has a message for them.</summary>
    public bool IsInline { get; init; }

    /// <summary>Absent and zero differ.</summary>
    public bool IsPointer { get; init; }

    /// <summary>Required in OpenAPI.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Written to JSON even when zero or absent.</summary>
    public bool IsAlwaysWritten { get; init; }

    /// <summary>A list that is always written, and null when it is empty: protobuf, in which upstream stores it, does not tell an empty list from none.</summary>
    public bool IsNullWhenEmpty { get; init; }

    /// <summary>Go's name of a named scalar type, "v1.PullPolicy"; else the type's.</summary>
    public string GoTypeName { get; init; } = "";

    /// <summary>Static default as JSON text, or null.</summary>
    public string? Default { get; init; }

    /// <summary>Known values, or null.</summary>
    public SchemaEnum? Enum { get; init; }

    /// <summary>How this use of the type is merged, when it differs from the type's own way.</summary>
    public MergeSemantics Merge { get; init; }

    /// <summary>Strategic merge patch: "merge", "replace", "retainKeys", or "merge,retainKeys"; empty = replace for lists, merge for objects.</summary>
    public string PatchStrategy { get; init; } = "";

    /// <summary>Strategic merge patch: the field that tells items apart.</summary>
    public string PatchMergeKey { get; init; } = "";

    /// <summary>May not change after creation.</summary>
    public bool IsImmutable { get; init; }

    /// <summary>Whether upstream calls it deprecated.</summary>
    public bool Deprecated { get; init; }

    /// <summary>Feature gates that the field belongs to.</summary>
    public IReadOnlyList<string> Gates { get; init; } = [];

    /// <summary>The feature gate is off in this version: <see cref="DisabledFields"/> drops what is written into the field, though the type has it.</summary>
    public bool IsOff { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>Known values of a string.</summary>
/// <param name="Name">Go's name, "PullPolicy".</param>
/// <param name="IsClosed">Whether OpenAPI lists them as all there are.</param>
/// <param name="Values">The values.</param>
public sealed record SchemaEnum(string Name, bool IsClosed, IReadOnlyList<string> Values);
