namespace Kobune.ApiServer.Registry;

/// <summary>What is served at one moment and where it is kept. Immutable; replaced whole when custom resources change.</summary>
internal sealed class ResourceTable
{
    private readonly Dictionary<(string Group, string Version, string Plural), ServedResource> _served = [];
    private readonly Dictionary<(string Group, string Plural), StoredKind> _stored = [];
    private readonly Dictionary<(string ApiVersion, string Kind), StoredKind> _byKind = [];
    private readonly Dictionary<string, StoredKind> _byPrefix = new(StringComparer.Ordinal);

    public ResourceTable(IReadOnlyList<StoredKind> kinds, IReadOnlyList<ServedResource> served)
    {
        StoredKinds = kinds;
        Served = served;
        foreach (var kind in kinds)
        {
            _stored[(kind.Schema.Group, kind.Schema.Plural)] = kind;
            _byKind[(kind.Schema.ApiVersion, kind.Schema.Kind)] = kind;
            _byPrefix[kind.Prefix] = kind;
        }

        foreach (var resource in served)
        {
            var schema = resource.Schema;
            _served[(schema.Group, schema.Version, schema.Plural)] = resource;
            if (resource.Storage is { } kind)
            {
                _stored[(schema.Group, schema.Plural)] = kind;
                _byKind[(schema.ApiVersion, schema.Kind)] = kind;
            }
        }
    }

    public IReadOnlyList<StoredKind> StoredKinds { get; }

    public IReadOnlyList<ServedResource> Served { get; }

    public ServedResource? Find(string group, string version, string plural) => _served.GetValueOrDefault((group, version, plural));

    public StoredKind? FindStored(string group, string plural) => _stored.GetValueOrDefault((group, plural));

    /// <summary>Whose key, or prefix of keys, it is.</summary>
    public StoredKind? FindByKey(string key)
    {
        var prefixes = _byPrefix.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var end = "/registry/".Length; (end = key.IndexOf('/', end) + 1) > 0;)
        {
            if (prefixes.TryGetValue(key.AsSpan(0, end), out var kind))
            {
                return kind;
            }
        }

        return null;
    }

    public StoredKind FindKind(string apiVersion, string kind) => _byKind[(apiVersion, kind)];
}
