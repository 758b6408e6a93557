namespace Kobune.Cel.Types;

/// <summary>What a type is made of; the names are those of the language definition.</summary>
public enum CelKind
{
    /// <summary>The type of an expression that did not check.</summary>
    Error,

    /// <summary>Any type; checks are left to evaluation.</summary>
    Dyn,

    /// <summary>The type of null.</summary>
    Null,

    /// <summary>true and false.</summary>
    Bool,

    /// <summary>Signed integers of 64 bits.</summary>
    Int,

    /// <summary>Unsigned integers of 64 bits.</summary>
    Uint,

    /// <summary>IEEE 754 numbers of 64 bits.</summary>
    Double,

    /// <summary>Unicode text; its size is counted in code points.</summary>
    String,

    /// <summary>Octets.</summary>
    Bytes,

    /// <summary>A span of time in nanoseconds.</summary>
    Duration,

    /// <summary>A moment, years 1 to 9999.</summary>
    Timestamp,

    /// <summary>A list; one parameter.</summary>
    List,

    /// <summary>A map; parameters of key and value.</summary>
    Map,

    /// <summary>An object with named fields, known to a type provider.</summary>
    Struct,

    /// <summary>A type of a library, such as optional_type(int) or kubernetes.Quantity.</summary>
    Opaque,

    /// <summary>A type as a value.</summary>
    Type,

    /// <summary>A parameter of an overload, or a type that is not known yet.</summary>
    Parameter,
}
