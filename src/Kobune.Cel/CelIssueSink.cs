using Kobune.Cel.Syntax;

namespace Kobune.Cel;

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
