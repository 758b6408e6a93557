namespace Kobune.Storage.Tests.Conformance;

/// <summary>The simplest store that can be right: the whole state at every revision, and every event.</summary>
internal sealed class StoreModel(long revision)
{
    private readonly SortedDictionary<long, SortedDictionary<string, (string Value, long Created, long Modified)>> _states =
        new() { [revision] = new(StringComparer.Ordinal) };

    public long Revision { get; private set; } = revision;

    public long Compacted { get; private set; } = revision;

    public List<string> Events { get; } = [];

    public IReadOnlyDictionary<string, (string Value, long Created, long Modified)> Now => _states[Revision];

    public bool Holds(IEnumerable<Compare> compares) => compares.All(compare => compare.ModRevision == (Now.TryGetValue(compare.Key, out var held) ? held.Modified : 0));

    /// <summary>Applies operations as one revision; without an effect there is none.</summary>
    public void Apply(IEnumerable<(string Key, string? Value)> operations)
    {
        var state = new SortedDictionary<string, (string, long, long)>(_states[Revision].ToDictionary(), StringComparer.Ordinal);
        var next = Revision + 1;
        var changed = false;
        foreach (var (key, value) in operations)
        {
            var exists = Now.TryGetValue(key, out var held);
            if (value is null && !exists)
            {
                continue;
            }

            changed = true;
            var previous = exists ? $" was {held.Value}@{held.Modified}" : "";
            if (value is null)
            {
                state.Remove(key);
                Events.Add($"DELETE {key}{previous} @{next}");
            }
            else
            {
                state[key] = (value, exists ? held.Created : next, next);
                Events.Add($"PUT {key}={value}{previous} @{next}");
            }
        }

        if (changed)
        {
            Revision = next;
            _states[next] = state;
        }
    }

    public void Compact(long revision) => Compacted = Math.Max(Compacted, revision);

    public string[] List(string prefix, long revision) =>
        [.. _states[revision].Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(pair => $"{pair.Key}={pair.Value.Value} ({pair.Value.Created}, {pair.Value.Modified})")];
}
