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

    /// <summary>cel-go calls all wide that takes more than a byte (common/error.go).</summary>
    private static bool IsWide(int rune) => rune > 0x7f;
}
