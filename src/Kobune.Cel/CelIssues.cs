namespace Kobune.Cel;

/// <summary>All that is wrong with an expression, in the order of the text.</summary>
public sealed class CelIssues
{
    internal CelIssues(IEnumerable<CelIssue> items) => Items = [.. items.OrderBy(i => i.Line).ThenBy(i => i.Column)];

    /// <summary>At least one.</summary>
    public IReadOnlyList<CelIssue> Items { get; }

    /// <summary>All issues as cel-go shows them, one below the other.</summary>
    public override string ToString() => string.Join('\n', Items.Select(i => i.Text));
}
