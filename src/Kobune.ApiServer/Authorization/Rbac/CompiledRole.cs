using Kobune.Api.Rbac.V1;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Authorization.Rbac;

/// <summary>The rules of one role, ready to be asked: resource rules by (resource, subresource), so that a question touches only rules that can match. Made once per revision of a role.</summary>
internal sealed class CompiledRole
{
    private readonly Dictionary<(string Resource, string Subresource), List<PolicyRule>> _byResource = [];
    private readonly List<PolicyRule> _urlRules = [];

    public CompiledRole(IReadOnlyList<PolicyRule> rules)
    {
        Rules = rules;
        foreach (var rule in rules)
        {
            foreach (var resource in rule.Resources)
            {
                var slash = resource.IndexOf('/');
                var key = slash < 0 ? (resource, "") : (resource[..slash], resource[(slash + 1)..]);
                if (!_byResource.TryGetValue(key, out var list))
                {
                    _byResource[key] = list = [];
                }

                list.Add(rule);
            }

            if (rule.NonResourceURLs.Count > 0)
            {
                _urlRules.Add(rule);
            }
        }
    }

    public IReadOnlyList<PolicyRule> Rules { get; }

    public bool Allows(RequestInfo request)
    {
        if (!request.IsResourceRequest)
        {
            return AllowsPath(request);
        }

        return AllowsUnder((request.Resource, request.Subresource), request)
            || AllowsUnder(("*", ""), request)
            || (request.Subresource.Length > 0 && AllowsUnder(("*", request.Subresource), request));
    }

    private static bool Has(IReadOnlyList<string> items, string wanted)
    {
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i] == wanted || items[i] == "*")
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasExactly(IReadOnlyList<string> items, string wanted)
    {
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i] == wanted)
            {
                return true;
            }
        }

        return false;
    }

    private static bool Matches(string pattern, string path) =>
        pattern == "*" || pattern == path || (pattern.EndsWith('*') && path.StartsWith(pattern.AsSpan().TrimEnd('*'), StringComparison.Ordinal));

    private bool AllowsUnder((string, string) key, RequestInfo request)
    {
        if (!_byResource.TryGetValue(key, out var rules))
        {
            return false;
        }

        foreach (var rule in rules)
        {
            if (Has(rule.Verbs, request.Verb) && Has(rule.APIGroups, request.ApiGroup)
                && (rule.ResourceNames.Count == 0 || HasExactly(rule.ResourceNames, request.Name)))
            {
                return true;
            }
        }

        return false;
    }

    private bool AllowsPath(RequestInfo request)
    {
        foreach (var rule in _urlRules)
        {
            if (!Has(rule.Verbs, request.Verb))
            {
                continue;
            }

            foreach (var pattern in rule.NonResourceURLs)
            {
                if (Matches(pattern, request.Path))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
