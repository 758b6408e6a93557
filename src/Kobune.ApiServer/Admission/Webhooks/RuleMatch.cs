using Kobune.Api.AdmissionRegistration.V1;

namespace Kobune.ApiServer.Admission.Webhooks;

/// <summary>What a request is about, as rules look at it.</summary>
/// <param name="Operation">CREATE, UPDATE, DELETE, CONNECT.</param>
/// <param name="Group">Empty for core.</param>
/// <param name="Version">Version of the path.</param>
/// <param name="Resource">Plural.</param>
/// <param name="Subresource">Empty for none.</param>
/// <param name="Namespace">Empty for the cluster; the own name of a Namespace.</param>
internal sealed record RuleSubject(string Operation, string Group, string Version, string Resource, string Subresource, string Namespace)
{
    private bool IsNamespaceObject => this is { Group: "", Version: "v1", Resource: "namespaces" };

    /// <summary>Whether it has a namespace around it. A Namespace has none.</summary>
    public bool IsNamespaced => !IsNamespaceObject && Namespace.Length > 0;
}

/// <summary>Which requests a rule means. Source: k8s.io/apiserver, admission/plugin/webhook/predicates/rules.</summary>
internal static class RuleMatch
{
    public static bool Matches(RuleWithOperations rule, RuleSubject subject) =>
        IsInScope(rule.Scope, subject)
        && Names(rule.Operations, subject.Operation)
        && Names(rule.APIGroups, subject.Group)
        && Names(rule.APIVersions, subject.Version)
        && rule.Resources.Any(r => IsResource(r, subject));

    private static bool IsInScope(string? scope, RuleSubject subject) => scope switch
    {
        null or "*" => true,
        "Namespaced" => subject.IsNamespaced,
        "Cluster" => !subject.IsNamespaced,
        _ => false,
    };

    private static bool Names(IReadOnlyList<string> items, string wanted)
    {
        foreach (var item in items)
        {
            if (item == "*" || item == wanted)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsResource(string item, RuleSubject subject)
    {
        var slash = item.IndexOf('/', StringComparison.Ordinal);
        var (resource, subresource) = slash < 0 ? (item, "") : (item[..slash], item[(slash + 1)..]);
        return (resource == "*" || resource == subject.Resource) && (subresource == "*" || subresource == subject.Subresource);
    }
}
