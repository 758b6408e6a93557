using Kobune.Cel.Types;
using Kobune.Cel.Values;

namespace Kobune.Cel.Libraries;

/// <summary>A named format of strings.</summary>
/// <param name="name">Its name, as texts show it.</param>
/// <param name="patternSize">How long a pattern for it would be; costs count by it.</param>
/// <param name="validate">All that is wrong with a text.</param>
internal sealed class CelFormatValue(string name, int patternSize, Func<string, IReadOnlyList<string>> validate) : CelLibraryObject(FormatType)
{
    public static readonly CelType FormatType = CelType.Struct("kubernetes.NamedFormat");

    public int PatternSize => patternSize;

    public IReadOnlyList<string> Validate(string text) => validate(text);

    public override bool EqualTo(CelValue other) => other is CelFormatValue format && format.ToString() == name;

    public override string ToString() => name;
}
