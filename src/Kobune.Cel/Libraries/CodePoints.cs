using System.Text;

namespace Kobune.Cel.Libraries;

/// <summary>Text by code points, as positions count.</summary>
internal static class CodePoints
{
    public static int[] Of(string text) => [.. text.EnumerateRunes().Select(r => r.Value)];

    public static string Text(ReadOnlySpan<int> points)
    {
        var text = new StringBuilder(points.Length);
        foreach (var point in points)
        {
            text.Append(new Rune(point).ToString());
        }

        return text.ToString();
    }
}
