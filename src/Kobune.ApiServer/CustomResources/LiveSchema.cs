using Kobune.Api.Schema;

namespace Kobune.ApiServer.CustomResources;

/// <summary>What is served right now, as a schema: the built-in kinds and the custom ones. Discovery and OpenAPI are made of it; replaced whole.</summary>
internal sealed class LiveSchema
{
    private readonly ApiSchema _builtIn;
    private volatile ApiSchema _current;

    public LiveSchema(ApiSchema builtIn) => _current = _builtIn = builtIn;

    public ApiSchema Current => _current;

    /// <summary>Told after each replacement, on the thread that made it.</summary>
    public event Action? Replaced;

    public void Replace(IReadOnlyList<CustomKind> kinds)
    {
        var resources = kinds.SelectMany(k => k.Served).Select(r => r.Schema).ToArray();
        var types = resources.SelectMany(r => new[] { (r.Group, r.Version, r.Type), (r.Group, r.Version, Type: r.ListType!) });
        var groups = resources.GroupBy(r => r.Group).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g =>
        {
            var known = _builtIn.Groups.FirstOrDefault(b => b.Name == g.Key)?.Versions ?? [];
            return new GroupSchema(g.Key, [.. known, .. g.Select(r => r.Version).Distinct().Except(known).OrderDescending(VersionOrder.Instance)]);
        });
        _current = _builtIn.With(types, resources, [.. groups]);
        Replaced?.Invoke();
    }
}
