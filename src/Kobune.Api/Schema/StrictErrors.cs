namespace Kobune.Api.Schema;

/// <summary>Unknown and duplicate fields of one object, in upstream's words; at most 100, each once (sigs.k8s.io/json).</summary>
public sealed class StrictErrors
{
    private const int Most = 100;
    private readonly List<string> _items = [];

    /// <summary>'unknown field "spec.foo"', 'duplicate field "spec.replicas"', as sent in warnings.</summary>
    public IReadOnlyList<string> Items => _items;

    /// <summary>The error of strict field validation, or null when nothing is wrong.</summary>
    public string? Message => _items.Count == 0 ? null : "strict decoding error: " + string.Join(", ", _items);

    /// <summary>Adds a problem found elsewhere (YAML's duplicate keys).</summary>
    public void Add(string problem)
    {
        if (_items.Count < Most && !_items.Contains(problem))
        {
            _items.Add(problem);
        }
    }

    /// <summary>Adds the problems of one look at the object, in the order of their texts.</summary>
    internal void AddSorted(StrictErrors found)
    {
        foreach (var item in found._items.Order(StringComparer.Ordinal))
        {
            Add(item);
        }
    }

    internal void Unknown(string path) => Add($"unknown field \"{path}\"");

    internal void Duplicate(string path) => Add($"duplicate field \"{path}\"");
}
