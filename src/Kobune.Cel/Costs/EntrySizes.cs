namespace Kobune.Cel.Costs;

/// <summary>Sizes of the entries of a list or map.</summary>
internal readonly record struct EntrySizes(bool IsList, CelRange Key, CelRange Value)
{
    public EntrySizes Union(EntrySizes other) => new(IsList, Key.Union(other.Key), Value.Union(other.Value));
}
