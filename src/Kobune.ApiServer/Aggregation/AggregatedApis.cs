using System.Collections.Immutable;
using Kobune.Api.ApiDiscovery.V2;
using Kobune.Api.ApiRegistration.V1;
using Kobune.ApiServer.Admission;

namespace Kobune.ApiServer.Aggregation;

/// <summary>The group versions of other servers right now, and what those told about themselves when they were last asked. Safe for concurrent callers.</summary>
internal sealed class AggregatedApis(IObjectReader objects)
{
    private readonly Lock _gate = new();
    private volatile Known _known = new(-1, [], ImmutableDictionary<string, AggregatedDocuments>.Empty, new());
    private ImmutableDictionary<string, AggregatedDocuments> _documents = ImmutableDictionary<string, AggregatedDocuments>.Empty;

    /// <summary>All of them, by name. The same list while nothing changed that discovery shows.</summary>
    public IReadOnlyList<AggregatedApi> All => Current().All;

    /// <summary>A new object after every change of what <see cref="All"/> and <see cref="DocumentsOf"/> say.</summary>
    public object Stamp => Current().Stamp;

    public AggregatedApi? Find(string group, string version)
    {
        foreach (var api in Current().All)
        {
            if (api.Group == group && api.Version == version)
            {
                return api;
            }
        }

        return null;
    }

    public AggregatedDocuments? DocumentsOf(AggregatedApi api) => Current().Documents.GetValueOrDefault(api.Name);

    /// <summary>Keeps what a server told; null forgets it.</summary>
    public void Keep(string name, AggregatedDocuments? documents)
    {
        lock (_gate)
        {
            _documents = documents is null ? _documents.Remove(name) : _documents.SetItem(name, documents);
        }
    }

    private Known Current()
    {
        var known = _known;
        var generation = objects.Generation<APIService>();
        if (known.Generation == generation && ReferenceEquals(known.Documents, _documents))
        {
            return known;
        }

        lock (_gate)
        {
            AggregatedApi[] all = [.. objects.List<APIService>("").Select(AggregatedApi.Of).OfType<AggregatedApi>()];
            var isSame = all.SequenceEqual(_known.All) && ReferenceEquals(_known.Documents, _documents);
            return _known = isSame ? _known with { Generation = generation } : new(generation, all, _documents, new());
        }
    }

    private sealed record Known(long Generation, IReadOnlyList<AggregatedApi> All, ImmutableDictionary<string, AggregatedDocuments> Documents, object Stamp);
}

/// <summary>What an aggregated server told about one group version.</summary>
/// <param name="Discovery">Its resources.</param>
/// <param name="OpenApiUrl">serverRelativeURL of its OpenAPI v3 document; null when it has none.</param>
internal sealed record AggregatedDocuments(APIVersionDiscovery Discovery, string? OpenApiUrl);
