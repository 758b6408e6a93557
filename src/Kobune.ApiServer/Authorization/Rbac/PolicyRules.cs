using Kobune.Api.Rbac.V1;

namespace Kobune.ApiServer.Authorization.Rbac;

/// <summary>Whether some rules cover others (upstream's component-helpers auth/rbac/validation).</summary>
internal static class PolicyRules
{
    /// <summary>The simplest parts of <paramref name="wanted"/> that <paramref name="owned"/> does not cover, put together again by resource.</summary>
    public static IReadOnlyList<PolicyRule> NotCovered(IReadOnlyList<PolicyRule> owned, IEnumerable<PolicyRule> wanted) =>
        Compact([.. wanted.SelectMany(BreakDown).Where(part => !owned.Any(rule => Covers(rule, part)))]);

    /// <summary>{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}</summary>
    public static string Describe(PolicyRule rule)
    {
        var parts = new List<string>();
        Add("APIGroups", rule.APIGroups);
        Add("Resources", rule.Resources);
        Add("NonResourceURLs", rule.NonResourceURLs);
        Add("ResourceNames", rule.ResourceNames);
        Add("Verbs", rule.Verbs);
        return "{" + string.Join(", ", parts) + "}";

        void Add(string name, IReadOnlyList<string> items)
        {
            if (items.Count > 0)
            {
                parts.Add($"{name}:{Quote(items)}");
            }
        }
    }

    /// <summary>["a" "b"], as Go prints a list of quoted strings.</summary>
    public static string Quote(IEnumerable<string> items) => "[" + string.Join(" ", items.Select(i => $"\"{i}\"")) + "]";

    private static IEnumerable<PolicyRule> BreakDown(PolicyRule rule)
    {
        foreach (var verb in rule.Verbs)
        {
            foreach (var group in rule.APIGroups)
            {
                foreach (var resource in rule.Resources)
                {
                    if (rule.ResourceNames.Count == 0)
                    {
                        yield return new() { Verbs = [verb], APIGroups = [group], Resources = [resource] };
                    }

                    foreach (var name in rule.ResourceNames)
                    {
                        yield return new() { Verbs = [verb], APIGroups = [group], Resources = [resource], ResourceNames = [name] };
                    }
                }
            }

            foreach (var url in rule.NonResourceURLs)
            {
                yield return new() { Verbs = [verb], NonResourceURLs = [url] };
            }
        }
    }

    private static bool Covers(PolicyRule owner, PolicyRule part)
    {
        if (!HasAll(owner.Verbs, part.Verbs))
        {
            return false;
        }

        return part.NonResourceURLs.Count > 0
            ? part.NonResourceURLs.All(url => owner.NonResourceURLs.Any(own => own == "*" || own == url || (own.EndsWith('*') && url.StartsWith(own.TrimEnd('*'), StringComparison.Ordinal))))
            : owner.Resources.Count > 0 && HasAll(owner.APIGroups, part.APIGroups) && part.Resources.All(r => CoversResource(owner.Resources, r))
                && (owner.ResourceNames.Count == 0 || (part.ResourceNames.Count > 0 && part.ResourceNames.All(owner.ResourceNames.Contains)));
    }

    private static bool CoversResource(IReadOnlyList<string> owned, string resource)
    {
        if (owned.Contains("*") || owned.Contains(resource))
        {
            return true;
        }

        var slash = resource.IndexOf('/');
        return slash >= 0 && owned.Contains("*" + resource[slash..]);
    }

    private static bool HasAll(IReadOnlyList<string> owned, IReadOnlyList<string> wanted) => owned.Contains("*") || wanted.All(owned.Contains);

    private static PolicyRule[] Compact(IReadOnlyList<PolicyRule> parts) =>
    [
        .. parts.GroupBy(p => (Group: p.APIGroups.FirstOrDefault(""), Resource: p.Resources.FirstOrDefault(""), Name: p.ResourceNames.FirstOrDefault(""), Url: p.NonResourceURLs.FirstOrDefault("")))
            .Select(g => g.First() with { Verbs = [.. g.Select(p => p.Verbs[0]).Distinct()] }),
    ];
}
