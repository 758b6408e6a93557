namespace Kobune.Proxy.Nftables;

/// <summary>
/// Who wants which value under which key. The first owner in order of names counts, so that two Services that want the same address and
/// port get a stable result and the second one steps in when the first goes.
/// </summary>
internal sealed class ClaimTable<TKey>
    where TKey : notnull
{
    private readonly Dictionary<TKey, SortedList<string, string>> _claims = [];
    private readonly Dictionary<TKey, string?> _before = [];

    /// <summary>What counts now.</summary>
    public IEnumerable<KeyValuePair<TKey, string>> All => _claims.Select(c => KeyValuePair.Create(c.Key, c.Value.GetValueAtIndex(0)));

    /// <summary>Replaces all claims of an owner.</summary>
    public void Replace(string owner, Dictionary<TKey, string> old, Dictionary<TKey, string> now)
    {
        foreach (var key in old.Keys)
        {
            if (!now.ContainsKey(key))
            {
                Remember(key);
                var claims = _claims[key];
                claims.Remove(owner);
                if (claims.Count == 0)
                {
                    _claims.Remove(key);
                }
            }
        }

        foreach (var (key, value) in now)
        {
            if (!old.TryGetValue(key, out var had) || had != value)
            {
                Remember(key);
                if (!_claims.TryGetValue(key, out var claims))
                {
                    _claims[key] = claims = new(1, StringComparer.Ordinal);
                }

                claims[owner] = value;
            }
        }
    }

    /// <summary>What changed since the last call: key, value before, value now (null for none). Sorted by the keys' text.</summary>
    public List<(TKey Key, string? Before, string? Now)> TakeChanges()
    {
        var changes = new List<(TKey, string?, string?)>();
        foreach (var (key, before) in _before)
        {
            var now = Effective(key);
            if (before != now)
            {
                changes.Add((key, before, now));
            }
        }

        _before.Clear();
        changes.Sort((a, b) => string.CompareOrdinal(a.Item1.ToString(), b.Item1.ToString()));
        return changes;
    }

    private void Remember(TKey key) => _before.TryAdd(key, Effective(key));

    private string? Effective(TKey key) => _claims.TryGetValue(key, out var claims) ? claims.GetValueAtIndex(0) : null;
}
