using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Api.Networking.V1;
using Kobune.Client.Informers;
using Kobune.Ingress.Routing;

namespace Kobune.Ingress;

/// <summary>The informers of the controller, and whoever wants to know that one of them changed.</summary>
internal sealed class CachedObjects(InformerFactory informers, IngressOptions options) : IRoutingObjects
{
    private const string ServiceNameLabel = "kubernetes.io/service-name";
    private readonly IInformer<IngressObject> _ingresses = informers.For<IngressObject>();
    private readonly IInformer<IngressClass> _classes = informers.For<IngressClass>();
    private readonly IInformer<Service> _services = informers.For<Service>();
    private readonly IInformer<EndpointSlice> _slices = informers.For<EndpointSlice>();
    private readonly IInformer<Secret> _secrets = informers.For<Secret>();
    private readonly IInformer<ConfigMap> _settings = informers.For<ConfigMap>(options.ConfigMap.Namespace, fieldSelector: "metadata.name=" + options.ConfigMap.Name);
    private ICacheIndex<EndpointSlice>? _slicesByService;

    private ICacheIndex<EndpointSlice> SlicesByService => _slicesByService ??= _slices.Cache.Index(
        "ingress/service",
        s => s.Metadata.Labels.GetValueOrDefault(ServiceNameLabel) is { } name ? [s.Metadata.Namespace + "/" + name] : []);

    public ConfigMap? Settings => _settings.Cache.Find(options.ConfigMap);

    /// <summary>The Ingresses that are this controller's.</summary>
    public IReadOnlyList<IngressObject> Ingresses => [.. _ingresses.Cache.List().Where(i => IngressSelection.IsOurs(i, FindClass, options))];

    public Task WaitAsync(CancellationToken ct) =>
        Task.WhenAll(_ingresses.Synced, _classes.Synced, _services.Synced, _slices.Synced, _secrets.Synced, _settings.Synced).WaitAsync(ct);

    /// <summary>Calls back after every change of what the routing table is made from. A change of an Ingress' status alone is none.</summary>
    public IDisposable Subscribe(Action changed)
    {
        _ = SlicesByService; // before the first change comes
        return new Subscriptions(
        [
            _ingresses.Subscribe(c =>
            {
                if (c.Old is null || c.New is null || c.Old.Metadata.Generation != c.New.Metadata.Generation || !c.Old.Spec.Equals(c.New.Spec)
                    || !c.Old.Metadata.Annotations.SequenceEqual(c.New.Metadata.Annotations) || !c.Old.Status.Equals(c.New.Status))
                {
                    changed();
                }
            }),
            _classes.Subscribe(_ => changed()),
            _services.Subscribe(_ => changed()),
            _slices.Subscribe(_ => changed()),
            _secrets.Subscribe(_ => changed()),
            _settings.Subscribe(_ => changed()),
        ]);
    }

    public Service? FindService(string ns, string name) => _services.Cache.Find(ns, name);

    public IReadOnlyList<EndpointSlice> SlicesOf(string ns, string service) => SlicesByService[ns + "/" + service];

    public Secret? FindSecret(string ns, string name) => _secrets.Cache.Find(ns, name);

    private IngressClass? FindClass(string name) => _classes.Cache.Find("", name);

    private sealed class Subscriptions(IDisposable[] all) : IDisposable
    {
        public void Dispose() => Array.ForEach(all, s => s.Dispose());
    }
}
