namespace Kobune.Cel.Values;

/// <summary>Keys of maps and members of sets: CEL's equality.</summary>
internal sealed class CelKeyComparer : IEqualityComparer<CelValue>
{
    public static readonly CelKeyComparer Instance = new();

    public bool Equals(CelValue? x, CelValue? y) => ReferenceEquals(x, y) || (x is not null && y is not null && x.EqualTo(y));

    public int GetHashCode(CelValue obj) => obj.Hash();
}
