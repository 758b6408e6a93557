using System.Globalization;

namespace Kobune.Bench.Api;

/// <summary>Prints what was measured, and keeps it in a file for a comparison: a name, a unit and a number in each line, separated by tabs.</summary>
internal sealed class Figures(TextWriter? file)
{
    public void Print(string name, string text, params IEnumerable<(string Unit, double Value)> values)
    {
        Console.WriteLine($"{name,-28} {text}");
        foreach (var (unit, value) in values)
        {
            file?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}\t{unit}\t{value:F3}"));
        }
    }
}
