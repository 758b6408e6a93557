using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Client.Informers;

namespace Kobune.Dns.Zones;

/// <summary>Keeps a zone equal to the caches: every change of a Service or of one of its slices rebuilds that one entry.</summary>
internal sealed class ZoneFeed : IDisposable
{
    private const string ServiceNameLabel = "kubernetes.io/service-name";
    private readonly Lock _writing = new(); // the informers have a loop each, the zone takes one writer at a time
    private readonly ClusterZone _zone;
    private readonly ICache<Service> _services;
    private readonly ICacheIndex<EndpointSlice> _slicesByService;
    private readonly IDisposable[] _subscriptions;

    public ZoneFeed(ClusterZone zone, IInformer<Service> services, IInformer<EndpointSlice> slices, IInformer<Namespace> namespaces)
    {
        _zone = zone;
        _services = services.Cache;
        _slicesByService = slices.Cache.Index("kube-dns/service", s => ServiceOf(s) is { } name ? [Key(s.Metadata.Namespace, name)] : []);
        _subscriptions =
        [
            namespaces.Subscribe(OnNamespace),
            services.Subscribe(c => Rebuild(c.Key.Namespace, c.Key.Name)),
            slices.Subscribe(OnSlice),
        ];
    }

    public void Dispose() => Array.ForEach(_subscriptions, s => s.Dispose());

    private static string? ServiceOf(EndpointSlice slice) => slice.Metadata.Labels.GetValueOrDefault(ServiceNameLabel);

    private static string Key(string ns, string name) => ns + "/" + name;

    private void OnNamespace(Change<Namespace> change)
    {
        lock (_writing)
        {
            if (change.New is null)
            {
                _zone.RemoveNamespace(change.Key.Name);
            }
            else if (change.Old is null)
            {
                _zone.AddNamespace(change.Key.Name);
            }
        }
    }

    private void OnSlice(Change<EndpointSlice> change)
    {
        var (before, now) = (change.Old is null ? null : ServiceOf(change.Old), change.New is null ? null : ServiceOf(change.New));
        if (before is not null && before != now)
        {
            Rebuild(change.Key.Namespace, before);
        }

        if (now is not null)
        {
            Rebuild(change.Key.Namespace, now);
        }
    }

    /// <summary>Reads the caches inside the lock, so that the last rebuild saw the newest of both.</summary>
    private void Rebuild(string ns, string name)
    {
        lock (_writing)
        {
            if (_services.Find(ns, name) is { } service)
            {
                _zone.Set(ZoneServices.Build(service, _slicesByService[Key(ns, name)]));
            }
            else
            {
                _zone.Remove(ns, name);
            }
        }
    }
}
