using Kobune.Api;
using Kobune.ApiServer.Admission;

namespace Kobune.ApiServer.Registry;

/// <summary>An <see cref="IObjectReader"/> that exists before the server does, because authorizers are made first. Usable once a server was made with it.</summary>
public sealed class ObjectReaderHandle : IObjectReader
{
    private readonly CacheObjectReader _inner = new();

    internal void Attach(ServerContext server) => _inner.Attach(server);

    /// <inheritdoc/>
    public T? Find<T>(string @namespace, string name)
        where T : class, IKubernetesObject<T> => _inner.Find<T>(@namespace, name);

    /// <inheritdoc/>
    public ValueTask<T?> GetAsync<T>(string @namespace, string name, CancellationToken ct)
        where T : class, IKubernetesObject<T> => _inner.GetAsync<T>(@namespace, name, ct);

    /// <inheritdoc/>
    public IReadOnlyList<T> List<T>(string @namespace)
        where T : class, IKubernetesObject<T> => _inner.List<T>(@namespace);

    /// <inheritdoc/>
    public long Generation<T>()
        where T : class, IKubernetesObject<T> => _inner.Generation<T>();
}
