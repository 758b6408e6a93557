using Kobune.Cel.Values;

namespace Kobune.Cel.Libraries;

/// <summary>Short names for what most bodies do.</summary>
internal static class LibraryValues
{
    public static string Text(this CelValue value) => ((CelString)value).Value;

    public static long Int(this CelValue value) => ((CelInt)value).Value;

    public static CelValue Bool(bool value) => CelBool.Of(value);

    public static CelValue Text(string value) => new CelString(value);

    public static CelError Error(string message) => new(message);
}
