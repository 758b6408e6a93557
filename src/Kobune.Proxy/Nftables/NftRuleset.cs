using System.Text;

namespace Kobune.Proxy.Nftables;

/// <summary>
/// What the table of one family should hold, Service by Service. A change comes out as one transaction that touches only what differs. Not safe
/// for several threads; its owner is the sync loop.
/// </summary>
internal sealed class NftRuleset(NftFamily family)
{
    private readonly Dictionary<string, NftFragment> _fragments = [];
    private readonly ClaimTable<(string Set, string Key)> _elements = new();
    private readonly ClaimTable<string> _chains = new();
    private readonly ClaimTable<string> _sets = new();

    /// <summary>Replaces what a Service puts into the table; the empty fragment removes it. Returns what was there.</summary>
    public NftFragment Set(string service, NftFragment fragment)
    {
        var old = _fragments.GetValueOrDefault(service, NftFragment.Empty);
        _elements.Replace(service, old.Elements, fragment.Elements);
        _chains.Replace(service, old.Chains, fragment.Chains);
        _sets.Replace(service, old.Sets, fragment.Sets);
        if (fragment.Elements.Count == 0)
        {
            _fragments.Remove(service);
        }
        else
        {
            _fragments[service] = fragment;
        }

        return old;
    }

    /// <summary>Names of all Services that have something in the table.</summary>
    public IReadOnlyList<string> Services => [.. _fragments.Keys];

    /// <summary>Input for `nft -f -` that replaces the table by what should be there.</summary>
    public string WriteAll(IReadOnlyList<string> clusterCIDRs, bool localhostNodePorts)
    {
        _elements.TakeChanges();
        _chains.TakeChanges();
        _sets.TakeChanges();
        var text = new StringBuilder();
        NftBase.Write(text, family, clusterCIDRs, localhostNodePorts);
        AddSets(text, Sorted(_sets.All));
        AddChains(text, Sorted(_chains.All));
        AddElements(text, _elements.All.OrderBy(e => e.Key.ToString(), StringComparer.Ordinal).Select(e => (e.Key, e.Value)));
        return text.ToString();
    }

    /// <summary>Input for `nft -f -` that brings the table from what was written last to what should be there; empty when nothing differs.</summary>
    public string WriteChanges()
    {
        var text = new StringBuilder();
        var elements = _elements.TakeChanges();
        var chains = _chains.TakeChanges();
        var sets = _sets.TakeChanges();

        // A set cannot change its specification in place: it goes and comes again. The chains that use it have to let go of it first.
        foreach (var chain in chains.Where(c => c.Before is not null))
        {
            text.Append($"flush chain {family.Of} {chain.Key}\n");
        }

        DeleteElements(text, elements);
        foreach (var set in sets.Where(s => s is { Before: not null, Now: not null }))
        {
            // Affinity with another time-out: the chains that read the set are rewritten around it.
            RewriteSet(text, set.Key, chains.Select(c => c.Key).ToHashSet());
        }

        AddSets(text, sets.Where(s => s.Now is not null).Select(s => (s.Key, s.Now!)));
        AddChains(text, chains.Where(c => c.Now is not null).Select(c => (c.Key, c.Now!)).Concat(ChainsUsing(sets, chains)));
        AddElements(text, elements.Where(e => e.Now is not null).Select(e => (e.Key, e.Now!)));
        foreach (var chain in chains.Where(c => c.Now is null))
        {
            text.Append($"delete chain {family.Of} {chain.Key}\n");
        }

        foreach (var set in sets.Where(s => s.Now is null))
        {
            text.Append($"delete set {family.Of} {set.Key}\n");
        }

        return text.ToString();
    }

    private void RewriteSet(StringBuilder text, string set, HashSet<string> flushed)
    {
        foreach (var (name, rules) in Sorted(_chains.All))
        {
            if (rules.Contains("@" + set + " ", StringComparison.Ordinal) && flushed.Add(name))
            {
                text.Append($"flush chain {family.Of} {name}\n");
            }
        }

        text.Append($"delete set {family.Of} {set}\n");
    }

    private IEnumerable<(string Key, string Rules)> ChainsUsing(List<(string Key, string? Before, string? Now)> sets, List<(string Key, string? Before, string? Now)> chains)
    {
        var respecified = sets.Where(s => s is { Before: not null, Now: not null }).Select(s => "@" + s.Key + " ").ToList();
        return respecified.Count == 0
            ? []
            : Sorted(_chains.All).Where(c => chains.All(x => x.Key != c.Key) && respecified.Exists(s => c.Value.Contains(s, StringComparison.Ordinal)));
    }

    private void DeleteElements(StringBuilder text, List<((string Set, string Key) Key, string? Before, string? Now)> elements)
    {
        foreach (var group in elements.Where(e => e.Before is not null).GroupBy(e => e.Key.Set))
        {
            text.Append($"delete element {family.Of} {group.Key} {{ ").AppendJoin(", ", group.Select(e => e.Key.Key)).Append(" }\n");
        }
    }

    private void AddSets(StringBuilder text, IEnumerable<(string Key, string Spec)> sets)
    {
        foreach (var (name, spec) in sets)
        {
            text.Append($"add set {family.Of} {name} {{ {spec} }}\n");
        }
    }

    /// <summary>All chains first, then their rules: a rule may lead to any of them.</summary>
    private void AddChains(StringBuilder text, IEnumerable<(string Key, string Rules)> chains)
    {
        var list = chains.ToList();
        foreach (var (name, _) in list)
        {
            text.Append($"add chain {family.Of} {name}\n");
        }

        foreach (var (name, rules) in list)
        {
            foreach (var rule in rules.Split('\n'))
            {
                text.Append($"add rule {family.Of} {name} {rule}\n");
            }
        }
    }

    private void AddElements(StringBuilder text, IEnumerable<((string Set, string Key) Key, string Value)> elements)
    {
        foreach (var group in elements.GroupBy(e => e.Key.Set))
        {
            text.Append($"add element {family.Of} {group.Key} {{ ")
                .AppendJoin(", ", group.Select(e => e.Value.Length == 0 ? e.Key.Key : e.Key.Key + " : " + e.Value))
                .Append(" }\n");
        }
    }

    private static IEnumerable<(string Key, string Value)> Sorted(IEnumerable<KeyValuePair<string, string>> pairs) =>
        pairs.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => (p.Key, p.Value));
}
