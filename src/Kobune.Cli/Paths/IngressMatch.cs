using Kobune.Api.Networking.V1;
using Kobune.Client;
using Kobune.Ingress.Routing;

namespace Kobune.Cli.Paths;

// Inside the namespace: Kobune.Ingress, the room, would hide it otherwise.
using Ingress = Kobune.Api.Networking.V1.Ingress;

/// <summary>Which Ingress and backend serve a host and a path.</summary>
internal static class IngressMatch
{
    /// <summary>Whether a rule's host covers a host name.</summary>
    public static bool Covers(string ruleHost, string host) =>
        ruleHost.Length == 0
        || ruleHost.Equals(host, StringComparison.OrdinalIgnoreCase)
        || (ruleHost.StartsWith("*.", StringComparison.Ordinal) && host.IndexOf('.') is > 0 and var dot && host.AsSpan(dot).Equals(ruleHost.AsSpan(1), StringComparison.OrdinalIgnoreCase));

    /// <summary>The backend that the controller would choose when this were the only Ingress; null when it would answer 404.</summary>
    public static IngressBackend? BackendOf(Ingress ingress, string host, string path) => new IngressTable([ingress]).Find(host, path)?.Backend;

    /// <summary>The Ingress that serves a host and path; null when none does.</summary>
    public static Ingress? Serving(IReadOnlyList<Ingress> ingresses, string host, string path) =>
        new IngressTable(ingresses).Find(host, path) is { } found ? ingresses.FirstOrDefault(i => ObjectKey.Of(i) == found.Ingress) : null;
}
