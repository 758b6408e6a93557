using Kobune.Cel.Syntax;

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

/// <summary>Collects issues of one source.</summary>
internal sealed class CelIssueSink(CelSource source)
{
    private readonly List<CelIssue> _items = [];

    public bool Any => _items.Count > 0;

    /// <summary>What was said of the same place in the same words before is not said again.</summary>
    public void Add(int position, string message)
    {
        var issue = source.Issue(position, message);
        if (!_items.Contains(issue))
        {
            _items.Add(issue);
        }
    }

    public CelIssues ToIssues() => new(_items);
}
