using Kobune.Api.Networking.V1;
using Kobune.Client;
using Kobune.Ingress.Access;
using Kobune.Ingress.Settings;
using Kobune.Ingress.Upstreams;

namespace Kobune.Ingress.Routing;

/// <summary>Where requests for one path of one host go, and how. Immutable.</summary>
internal sealed record Location
{
    public required PathPattern Pattern { get; init; }

    public required LocationSettings Settings { get; init; }

    /// <summary>Null: nobody said where, and the answer is 404.</summary>
    public Upstream? Upstream { get; init; }

    /// <summary>What the Ingress names; null as the upstream is.</summary>
    public IngressBackend? Backend { get; init; }

    /// <summary>The Ingress it comes from; none for the controller's own.</summary>
    public ObjectKey? Ingress { get; init; }

    public PathRewrite? Rewrite { get; init; }

    /// <summary>Who may enter; null for everybody.</summary>
    public PasswordFile? Users { get; init; }

    /// <summary>The root of a host whose Ingress did not name it: a later Ingress may.</summary>
    public bool IsDefault { get; init; }
}
