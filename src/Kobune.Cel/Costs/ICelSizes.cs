namespace Kobune.Cel.Costs;

/// <summary>How large values can be.</summary>
public interface ICelSizes
{
    /// <summary>
    /// The size (code points, octets, elements, entries) of what is at a path: a variable, then names of fields, "@items", "@keys", "@values".
    /// The path is empty when the value comes from no variable; then its type alone is known. Null when nothing is known.
    /// </summary>
    CelRange? Find(IReadOnlyList<string> path, Types.CelType type);
}
