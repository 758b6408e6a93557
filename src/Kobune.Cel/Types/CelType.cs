namespace Kobune.Cel.Types;

/// <summary>A type of CEL, immutable and compared by content. <see cref="ToString"/> gives the form that cel-go's checker shows.</summary>
public sealed class CelType : IEquatable<CelType>
{
    /// <summary>What did not check.</summary>
    public static readonly CelType Error = new(CelKind.Error, "!error!");

    /// <summary>Any type.</summary>
    public static readonly CelType Dyn = new(CelKind.Dyn, "dyn");

    /// <summary>null.</summary>
    public static readonly CelType Null = new(CelKind.Null, "null_type");

    /// <summary>true and false.</summary>
    public static readonly CelType Bool = new(CelKind.Bool, "bool");

    /// <summary>Signed integers of 64 bits.</summary>
    public static readonly CelType Int = new(CelKind.Int, "int");

    /// <summary>Unsigned integers of 64 bits.</summary>
    public static readonly CelType Uint = new(CelKind.Uint, "uint");

    /// <summary>IEEE 754 numbers of 64 bits.</summary>
    public static readonly CelType Double = new(CelKind.Double, "double");

    /// <summary>Text.</summary>
    public static readonly CelType String = new(CelKind.String, "string");

    /// <summary>Octets.</summary>
    public static readonly CelType Bytes = new(CelKind.Bytes, "bytes");

    /// <summary>Spans of time.</summary>
    public static readonly CelType Duration = new(CelKind.Duration, "google.protobuf.Duration");

    /// <summary>Moments.</summary>
    public static readonly CelType Timestamp = new(CelKind.Timestamp, "google.protobuf.Timestamp");

    /// <summary>Types as values.</summary>
    public static readonly CelType Type = new(CelKind.Type, "type");

    /// <summary>Lists of anything.</summary>
    public static readonly CelType DynList = List(Dyn);

    /// <summary>Maps of anything to anything.</summary>
    public static readonly CelType DynMap = Map(Dyn, Dyn);
    private readonly CelType[] _parameters;

    private CelType(CelKind kind, string name, params CelType[] parameters)
    {
        Kind = kind;
        Name = name;
        _parameters = parameters;
    }

    /// <summary>What the type is made of.</summary>
    public CelKind Kind { get; }

    /// <summary>The type's name at run time, as type(x) shows it: int, list, google.protobuf.Timestamp, or an object's name.</summary>
    public string Name { get; }

    /// <summary>The types that the type is made with: a list's element, a map's key and value, an optional's value, a type's type.</summary>
    public IReadOnlyList<CelType> Parameters => _parameters;

    internal bool IsOptional => Kind == CelKind.Opaque && Name == "optional_type";

    internal bool IsDynOrError => Kind is CelKind.Dyn or CelKind.Error;

    /// <summary>A list of elements of a type.</summary>
    public static CelType List(CelType element) => new(CelKind.List, "list", element);

    /// <summary>A map of keys of a type to values of a type.</summary>
    public static CelType Map(CelType key, CelType value) => new(CelKind.Map, "map", key, value);

    /// <summary>An object type; its fields are asked of the environment's type providers.</summary>
    public static CelType Struct(string name) => new(CelKind.Struct, name);

    /// <summary>A type of a library.</summary>
    public static CelType Opaque(string name, params CelType[] parameters) => new(CelKind.Opaque, name, parameters);

    /// <summary>A value that may be absent.</summary>
    public static CelType Optional(CelType value) => new(CelKind.Opaque, "optional_type", value);

    /// <summary>The type of a type.</summary>
    public static CelType TypeOf(CelType type) => new(CelKind.Type, "type", type);

    /// <summary>A parameter of an overload.</summary>
    public static CelType Parameter(string name) => new(CelKind.Parameter, name);

    internal CelType With(CelType[] parameters) => new(Kind, Name, parameters);

    public bool Equals(CelType? other) =>
        ReferenceEquals(this, other) || (other is not null && Kind == other.Kind && Name == other.Name && _parameters.AsSpan().SequenceEqual(other._parameters));

    public override bool Equals(object? obj) => Equals(obj as CelType);

    public override int GetHashCode() => HashCode.Combine(Kind, Name, _parameters.Length);

    public override string ToString()
    {
        var name = Kind switch
        {
            CelKind.Null => "null",
            CelKind.Duration => "duration",
            CelKind.Timestamp => "timestamp",
            _ => Name,
        };
        return _parameters.Length == 0 ? name : $"{name}({string.Join(", ", (object[])_parameters)})";
    }
}
