using Kobune.Cel.Types;

namespace Kobune.Cel.Values;

/// <summary>null.</summary>
public sealed class CelNull : CelValue
{
    /// <summary>The one there is.</summary>
    public static readonly CelNull Instance = new();

    private CelNull()
    {
    }

    public override CelType Type => CelType.Null;

    public override bool EqualTo(CelValue other) => other is CelNull;

    public override string ToString() => "null";
}
