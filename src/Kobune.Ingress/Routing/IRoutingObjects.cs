using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;

namespace Kobune.Ingress.Routing;

/// <summary>What Ingresses point to, as the caches know it at one moment.</summary>
internal interface IRoutingObjects
{
    Service? FindService(string ns, string name);

    IReadOnlyList<EndpointSlice> SlicesOf(string ns, string service);

    Secret? FindSecret(string ns, string name);
}
