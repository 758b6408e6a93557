using Kobune.Api;
using Kobune.Api.Quotas;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.ResourceQuotas;

/// <summary>The caches of the kinds that quotas count, by kind; of others how many there are.</summary>
internal sealed class CountedObjects(ObjectCounts others) : IQuotaObjects
{
    private readonly Dictionary<Type, object> _caches = [];

    public void Add<T>(ICache<T> cache)
        where T : class, IKubernetesObject<T> => _caches.Add(typeof(T), cache);

    public long? CountOf(string name, string ns) => others.Of(name, ns);

    public IEnumerable<T> List<T>(string ns)
        where T : class, IKubernetesObject<T> => ((ICache<T>)_caches[typeof(T)]).List(ns);
}
