namespace Kobune.Scheduler.InterPod;

/// <summary>A number per domain, a domain being a node label and one of its values. Zeros are not kept.</summary>
internal sealed class TopologyCounts
{
    private readonly Dictionary<(string Key, string Value), long> _counts;

    public TopologyCounts() => _counts = [];

    private TopologyCounts(TopologyCounts other) => _counts = new(other._counts);

    public bool IsEmpty => _counts.Count == 0;

    public long this[string key, string value] => _counts.GetValueOrDefault((key, value));

    /// <summary>Counts for the domain in which a node with these labels is; nothing when it is in none.</summary>
    public void Add(IReadOnlyDictionary<string, string> nodeLabels, string key, long amount)
    {
        if (!nodeLabels.TryGetValue(key, out var value))
        {
            return;
        }

        var sum = _counts.GetValueOrDefault((key, value)) + amount;
        if (sum == 0)
        {
            _counts.Remove((key, value));
        }
        else
        {
            _counts[(key, value)] = sum;
        }
    }

    /// <summary>Whether one of the domains of a node counts more than none.</summary>
    public bool HasAny(IReadOnlyDictionary<string, string> nodeLabels)
    {
        foreach (var (key, value) in nodeLabels)
        {
            if (_counts.GetValueOrDefault((key, value)) > 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The sum over the domains of a node.</summary>
    public long Sum(IReadOnlyDictionary<string, string> nodeLabels)
    {
        long sum = 0;
        foreach (var (key, value) in nodeLabels)
        {
            sum += _counts.GetValueOrDefault((key, value));
        }

        return sum;
    }

    public TopologyCounts Clone() => new(this);
}
