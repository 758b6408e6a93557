namespace Kobune.Cel.Costs;

/// <summary>Nothing is known of any size.</summary>
public sealed class CelUnknownSizes : ICelSizes
{
    /// <summary>The one there is.</summary>
    public static readonly CelUnknownSizes Instance = new();

    private CelUnknownSizes()
    {
    }

    public CelRange? Find(IReadOnlyList<string> path, Types.CelType type) => null;
}
