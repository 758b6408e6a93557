using Kobune.Ingress.Routing;

namespace Kobune.Ingress.Serving;

/// <summary>The routing table of the moment; requests under way keep the one that they began with.</summary>
internal sealed class RoutingState(RoutingSnapshot first)
{
    private volatile RoutingSnapshot _current = first;

    public RoutingSnapshot Current
    {
        get => _current;
        set => _current = value;
    }
}
