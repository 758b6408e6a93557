using System.Text;

namespace Kobune.Cel.Syntax;

/// <summary>An expression's text as code points, with its lines.</summary>
internal sealed class CelSource
{
    /// <summary>The place of what is wrong with the text as a whole.</summary>
    public const int Nowhere = -1;

    private readonly int[] _runes;
    private readonly List<int> _lines = [0];

    public CelSource(string text)
    {
        _runes = [.. text.EnumerateRunes().Select(r => r.Value)];
        for (var i = 0; i < _runes.Length; i++)
        {
            if (_runes[i] == '\n')
            {
                _lines.Add(i + 1);
            }
        }
    }

    public int Length => _runes.Length;

    public int this[int index] => index < _runes.Length ? _runes[index] : -1;

    public string Slice(int start, int end)
    {
        var text = new StringBuilder(end - start);
        for (var i = start; i < end; i++)
        {
            text.Append(new Rune(_runes[i]).ToString());
        }

        return text.ToString();
    }

    /// <summary>What is wrong at a place, which is shown below it; without a place (<see cref="Nowhere"/>) nothing is shown.</summary>
    public CelIssue Issue(int position, string message)
    {
        if (position == Nowhere)
        {
            return new(message, -1, -1, $"ERROR: <input>:-1:0: {message}");
        }

        var line = _lines.FindLastIndex(start => start <= position);
        var column = position - _lines[line];
        var end = line + 1 < _lines.Count ? _lines[line + 1] - 1 : Length;
        var snippet = Slice(_lines[line], end).Replace("\t", " ", StringComparison.Ordinal);
        var mark = new StringBuilder(" | ");
        for (var i = 0; i < column; i++)
        {
            mark.Append(IsWide(this[_lines[line] + i]) ? '．' : '.');
        }

        mark.Append(IsWide(this[position]) ? '＾' : '^');
        return new(message, line + 1, column, $"ERROR: <input>:{line + 1}:{column + 1}: {message}\n | {snippet}\n{mark}");
    }

    private static bool IsWide(int rune) => rune is (>= 0x1100 and <= 0x115f) or (>= 0x2e80 and <= 0xa4cf) or (>= 0xac00 and <= 0xd7a3) or (>= 0xf900 and <= 0xfaff)
        or (>= 0xfe30 and <= 0xfe6f) or (>= 0xff00 and <= 0xff60) or (>= 0xffe0 and <= 0xffe6) or (>= 0x1f300 and <= 0x1f9ff) or (>= 0x20000 and <= 0x3fffd);
}
