using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Api.Networking.V1;
using Kobune.Client;
using Kobune.Ingress.Settings;

namespace Kobune.Ingress.Routing;

/// <summary>Which backend the controller would choose among these Ingresses, for tools that explain it: by its own table, so they cannot disagree.</summary>
public sealed class IngressTable
{
    private readonly RoutingSnapshot _routes;

    /// <param name="ingresses">In any order, of any class.</param>
    public IngressTable(IEnumerable<IngressObject> ingresses)
    {
        var builder = new RoutingBuilder(new NoObjects(), new(), GlobalSettings.Default);
        _routes = builder.Build(ingresses.Select(i => i with { Spec = i.Spec with { TLS = [] } }), defaultCertificate: null);
    }

    /// <summary>The Ingress that serves a host and path (a query may follow), and the backend that it names; null where the answer would be 404.</summary>
    public (ObjectKey Ingress, IngressBackend Backend)? Find(string host, string path) =>
        _routes.Find(host).Match(path.Split('?', 2)[0]) is { Ingress: { } ingress, Backend: { } backend } ? (ingress, backend) : null;

    private sealed class NoObjects : IRoutingObjects
    {
        public Service? FindService(string ns, string name) => null;

        public IReadOnlyList<EndpointSlice> SlicesOf(string ns, string service) => [];

        public Secret? FindSecret(string ns, string name) => null;
    }
}
