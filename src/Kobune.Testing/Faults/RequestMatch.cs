using Kobune.ApiServer.Requests;

namespace Kobune.Testing.Faults;

/// <summary>Which requests are meant; what is null does not count.</summary>
public sealed record RequestMatch
{
    /// <summary>Every request.</summary>
    public static RequestMatch All { get; } = new();

    /// <summary>get, list, watch, create, update, patch, delete, deletecollection.</summary>
    public string? Verb { get; init; }

    /// <summary>"pods"; "pods/status" for a subresource, "pods/*" for the resource with all of its subresources.</summary>
    public string? Resource { get; init; }

    /// <summary>The user, "system:kube-scheduler".</summary>
    public string? Identity { get; init; }

    /// <summary>Namespace of the request.</summary>
    public string? Namespace { get; init; }

    /// <summary>Name of the object.</summary>
    public string? Name { get; init; }

    internal bool Matches(ApiCall call)
    {
        var info = call.Info;
        return Is(Verb, info.Verb) && MatchesResource(info) && Is(Identity, call.User?.Name ?? "") && Is(Namespace, info.Namespace) && Is(Name, info.Name);
    }

    private static bool Is(string? wanted, string value) => wanted is null || wanted == value;

    private bool MatchesResource(RequestInfo info) =>
        Resource is null || Resource == (info.Subresource.Length == 0 ? info.Resource : info.Resource + "/" + info.Subresource) || Resource == info.Resource + "/*";
}
