using Kobune.Api;
using Kobune.ApiServer.Admission;

namespace Kobune.ApiServer.Tests.Authorization;

/// <summary>Objects in memory, as the server's own view of them.</summary>
internal sealed class ObjectTable : IObjectReader
{
    private readonly Dictionary<(Type, string, string), object> _items = [];
    private readonly Dictionary<Type, long> _generations = [];

    public ObjectTable Put<T>(T item)
        where T : class, IKubernetesObject<T>
    {
        _items[(typeof(T), item.Metadata.Namespace, item.Metadata.Name)] = item;
        _generations[typeof(T)] = Generation<T>() + 1;
        return this;
    }

    public void Remove<T>(string @namespace, string name)
        where T : class, IKubernetesObject<T>
    {
        _items.Remove((typeof(T), @namespace, name));
        _generations[typeof(T)] = Generation<T>() + 1;
    }

    public T? Find<T>(string @namespace, string name)
        where T : class, IKubernetesObject<T> => _items.GetValueOrDefault((typeof(T), @namespace, name)) as T;

    public ValueTask<T?> GetAsync<T>(string @namespace, string name, CancellationToken ct)
        where T : class, IKubernetesObject<T> => new(Find<T>(@namespace, name));

    public IReadOnlyList<T> List<T>(string @namespace)
        where T : class, IKubernetesObject<T> =>
        [.. _items.Values.OfType<T>().Where(i => @namespace.Length == 0 || i.Metadata.Namespace == @namespace).OrderBy(i => i.Metadata.Name, StringComparer.Ordinal)];

    public long Generation<T>()
        where T : class, IKubernetesObject<T> => _generations.GetValueOrDefault(typeof(T));
}
