using Kobune.Cel.Types;

namespace Kobune.Cel.Values;

/// <summary>A value of a library's own type.</summary>
internal abstract class CelLibraryObject(CelType type) : CelValue
{
    public sealed override CelType Type { get; } = type;
}
