using Kobune.Cel.Types;

namespace Kobune.Cel.Values;

/// <summary>A value of CEL, immutable. An error is a value too: it goes through operators until one absorbs it.</summary>
public abstract class CelValue
{
    /// <summary>The type that the value has at run time; elements of lists and maps are dyn.</summary>
    public abstract CelType Type { get; }

    internal bool IsError => this is CelError;

    internal virtual string TypeName => Type.Name;

    /// <summary>What size() gives, and what costs count by: code points, octets, elements, entries; null for values without size.</summary>
    internal virtual long? Size => null;

    /// <summary>Equality of CEL: numbers of different types are compared by value, values of different types are otherwise not equal.</summary>
    public abstract bool EqualTo(CelValue other);

    /// <summary>The order of two values (negative, zero, positive), or null when they have none.</summary>
    internal virtual int? CompareWith(CelValue other) => null;

    internal virtual int Hash() => Type.GetHashCode();
}
