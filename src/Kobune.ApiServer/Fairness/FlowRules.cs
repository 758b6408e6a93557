using Kobune.Api.FlowControl.V1;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Fairness;

/// <summary>Whether a rule of a FlowSchema means a request. Source: k8s.io/apiserver, util/flowcontrol (rule.go). Pure, and without allocations.</summary>
internal static class FlowRules
{
    private const string All = "*";

    public static bool Match(PolicyRulesWithSubjects rule, UserInfo user, RequestInfo request)
    {
        if (!IsSubject(rule.Subjects, user))
        {
            return false;
        }

        if (request.IsResourceRequest)
        {
            foreach (var one in rule.ResourceRules)
            {
                if (Match(one, request))
                {
                    return true;
                }
            }

            return false;
        }

        foreach (var one in rule.NonResourceRules)
        {
            if (Has(one.Verbs, request.Verb) && IsPath(one.NonResourceURLs, request.Path))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Match(ResourcePolicyRule rule, RequestInfo request) =>
        Has(rule.Verbs, request.Verb)
        && HasResource(rule.Resources, request)
        && Has(rule.APIGroups, request.ApiGroup)
        && (request.Namespace.Length == 0 ? rule.ClusterScope : Has(rule.Namespaces, request.Namespace));

    private static bool IsSubject(IReadOnlyList<Subject> subjects, UserInfo user)
    {
        foreach (var subject in subjects)
        {
            var isMeant = subject.Kind switch
            {
                "User" => subject.User is { Name: var name } && (name == All || name == user.Name),
                "Group" => subject.Group is { Name: var group } && (group == All || user.Groups.Contains(group)),
                "ServiceAccount" => subject.ServiceAccount is { } account && IsAccount(account, user.Name),
                _ => false,
            };
            if (isMeant)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsAccount(ServiceAccountSubject account, string user)
    {
        var rest = user.AsSpan();
        if (!rest.StartsWith(UserNames.ServiceAccountPrefix))
        {
            return false;
        }

        rest = rest[UserNames.ServiceAccountPrefix.Length..];
        return rest.StartsWith(account.Namespace) && rest.Length > account.Namespace.Length && rest[account.Namespace.Length] == ':'
            && (account.Name == All || rest[(account.Namespace.Length + 1)..].SequenceEqual(account.Name));
    }

    private static bool HasResource(IReadOnlyList<string> list, RequestInfo request)
    {
        if (list is [All])
        {
            return true;
        }

        foreach (var item in list)
        {
            if (request.Subresource.Length == 0
                ? item == request.Resource
                : item.Length == request.Resource.Length + 1 + request.Subresource.Length && item[request.Resource.Length] == '/'
                    && item.StartsWith(request.Resource, StringComparison.Ordinal) && item.EndsWith(request.Subresource, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Has(IReadOnlyList<string> list, string wanted)
    {
        if (list is [All])
        {
            return true;
        }

        foreach (var item in list)
        {
            if (item == wanted)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsPath(IReadOnlyList<string> list, string path)
    {
        foreach (var item in list)
        {
            if (item == All || item == path)
            {
                return true;
            }

            // "/healthz" also means what is below it.
            var prefix = item.AsSpan().TrimEnd('*').TrimEnd('/');
            if (path.Length > prefix.Length && path[prefix.Length] == '/' && path.AsSpan().StartsWith(prefix))
            {
                return true;
            }
        }

        return false;
    }
}
