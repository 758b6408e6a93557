using Kobune.Api.Networking.V1;

namespace Kobune.Cli.Paths;

// Inside the namespace: Kobune.Ingress, the room, would hide it otherwise.
using Ingress = Kobune.Api.Networking.V1.Ingress;

/// <summary>Which backend an Ingress names for a host and a path. Source: the Ingress API's rules for hosts and path types.</summary>
internal static class IngressMatch
{
    /// <summary>Whether a rule's host covers a host name.</summary>
    public static bool Covers(string ruleHost, string host) =>
        ruleHost.Length == 0
        || ruleHost.Equals(host, StringComparison.OrdinalIgnoreCase)
        || (ruleHost.StartsWith("*.", StringComparison.Ordinal) && host.IndexOf('.') is > 0 and var dot && host.AsSpan(dot).Equals(ruleHost.AsSpan(1), StringComparison.OrdinalIgnoreCase));

    /// <summary>The backend for a path among the rules whose host covers; null when none matches.</summary>
    public static IngressBackend? BackendOf(Ingress ingress, string host, string path)
    {
        path = path.Split('?', 2)[0];
        return ingress.Spec.Rules
            .Where(r => Covers(r.Host, host))
            .OrderByDescending(r => r.Host.Length == 0 ? 0 : r.Host[0] == '*' ? 1 : 2)
            .SelectMany(r => r.HTTP?.Paths ?? [])
            .Where(p => Matches(p, path))
            .OrderByDescending(p => p.Path.Length).ThenBy(p => p.PathType == "Exact" ? 0 : 1)
            .Select(p => p.Backend)
            .FirstOrDefault() ?? ingress.Spec.DefaultBackend;
    }

    // ImplementationSpecific is nginx's prefix here.
    private static bool Matches(HTTPIngressPath rule, string path)
    {
        if (rule.PathType == "Exact")
        {
            return rule.Path == path;
        }

        var prefix = rule.Path.TrimEnd('/');
        return path.StartsWith(prefix, StringComparison.Ordinal) && (path.Length == prefix.Length || path[prefix.Length] == '/' || rule.PathType == "ImplementationSpecific");
    }
}
