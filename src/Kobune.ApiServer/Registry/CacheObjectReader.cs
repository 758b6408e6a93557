using Kobune.Api;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Watch;
using Kobune.Storage;

namespace Kobune.ApiServer.Registry;

/// <summary>The server's own view of its objects: the watch caches.</summary>
internal sealed class CacheObjectReader : IObjectReader
{
    private ServerContext? _server;

    /// <summary>Set once while the server is composed: authorizers and strategies hold the reader before the registry exists.</summary>
    public void Attach(ServerContext server) => _server = server;

    public T? Find<T>(string @namespace, string name)
        where T : class, IKubernetesObject<T>
    {
        var kind = KindOf<T>();
        return kind.Cache.State.Index.Find(kind.KeyOf(@namespace, name))?.Read<T>();
    }

    public async ValueTask<T?> GetAsync<T>(string @namespace, string name, CancellationToken ct)
        where T : class, IKubernetesObject<T>
    {
        var kind = KindOf<T>();
        var key = kind.KeyOf(@namespace, name);
        var result = await Server.Store.GetAsync(key, 0, ct);
        if (result.Item is not { } item)
        {
            return null;
        }

        var known = kind.Cache.State.Index.Find(key);
        return (known?.Revision == item.ModRevision ? known : CacheEntry.FromStored(key, item.Value, item.ModRevision)).Read<T>();
    }

    public IReadOnlyList<T> List<T>(string @namespace)
        where T : class, IKubernetesObject<T>
    {
        var kind = KindOf<T>();
        return [.. kind.Cache.State.Index.Range(kind.PrefixOf(@namespace)).Select(e => e.Read<T>())];
    }

    public long Generation<T>()
        where T : class, IKubernetesObject<T> => KindOf<T>().Cache.State.Generation;

    private ServerContext Server => _server ?? throw new InvalidOperationException("the reader is used before the server is composed");

    private StoredKind KindOf<T>()
        where T : class, IKubernetesObject<T> =>
        Server.Registry.FindStored(T.Resource.Group, T.Resource.Plural) ?? throw new InvalidOperationException($"{T.Resource.Plural} are not stored");
}
