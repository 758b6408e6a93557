namespace Kobune.Cel;

/// <summary>All that is wrong with an expression, in the order of the text.</summary>
public sealed class CelIssues
{
    internal CelIssues(IEnumerable<CelIssue> items) => Items = [.. items.OrderBy(i => i.Line).ThenBy(i => i.Column)];

    private const int Shown = 100;

    /// <summary>At least one.</summary>
    public IReadOnlyList<CelIssue> Items { get; }

    /// <summary>The issues as cel-go shows them, one below the other: the first hundred, and how many more there are.</summary>
    public override string ToString()
    {
        var shown = string.Join('\n', Items.Take(Shown).Select(i => i.Text));
        return Items.Count > Shown ? $"{shown}\n{Items.Count - Shown} more errors were truncated" : shown;
    }
}
