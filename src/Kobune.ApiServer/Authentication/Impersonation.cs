using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Authentication;

/// <summary>Acting as somebody else (Impersonate-User, -Group, -Uid, -Extra-KEY), each part allowed by the authorizer (k8s.io/apiserver, endpoints/filters/impersonation).</summary>
public static class Impersonation
{
    private const string Group = "authentication.k8s.io";

    /// <summary>Prefix of all headers that ask for it.</summary>
    public const string HeaderPrefix = "Impersonate-";

    /// <summary>The user to act as, or <paramref name="user"/> when the request asks for nobody else.</summary>
    /// <param name="headers">The headers that begin with <see cref="HeaderPrefix"/>, as (rest of the name, one value).</param>
    /// <param name="user">Who asks.</param>
    /// <param name="authorizer">Asked for every part.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="StatusException">Forbidden, in upstream's words, when a part is not allowed.</exception>
    public static async ValueTask<UserInfo> ApplyAsync(IReadOnlyList<KeyValuePair<string, string>> headers, UserInfo user, IAuthorizer authorizer, CancellationToken ct)
    {
        if (headers.Count == 0)
        {
            return user;
        }

        var name = Values(headers, "User").FirstOrDefault("");
        var groups = Values(headers, "Group").ToList();
        var uid = Values(headers, "Uid").FirstOrDefault("");
        var extra = ReadExtra(headers);
        if (name.Length == 0)
        {
            throw StatusErrors.InternalError("requested impersonation of groups, a uid or extra values without impersonating a user");
        }

        await CheckAsync(user, name, groups, uid, extra, authorizer, ct);
        return new(name, uid, CompleteGroups(name, groups), extra);
    }

    private static IEnumerable<string> Values(IReadOnlyList<KeyValuePair<string, string>> headers, string name) =>
        headers.Where(h => h.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(h => h.Value);

    private static Dictionary<string, IReadOnlyList<string>> ReadExtra(IReadOnlyList<KeyValuePair<string, string>> headers) => headers
        .Where(h => h.Key.StartsWith("Extra-", StringComparison.OrdinalIgnoreCase))
        .GroupBy(h => Uri.UnescapeDataString(h.Key["Extra-".Length..].ToLowerInvariant()), h => h.Value, StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => (IReadOnlyList<string>)[.. g]);

    private static async ValueTask CheckAsync(UserInfo user, string name, List<string> groups, string uid, Dictionary<string, IReadOnlyList<string>> extra, IAuthorizer authorizer, CancellationToken ct)
    {
        var account = UserNames.ParseServiceAccount(name);
        var who = account is { } parsed
            ? Ask("", "serviceaccounts", "", parsed.Name) with { Namespace = parsed.Namespace }
            : Ask("", "users", "", name);
        await AllowAsync(who);
        foreach (var group in groups)
        {
            await AllowAsync(Ask("", "groups", "", group));
        }

        foreach (var (key, values) in extra)
        {
            foreach (var value in values)
            {
                await AllowAsync(Ask(Group, "userextras", key, value));
            }
        }

        if (uid.Length > 0)
        {
            await AllowAsync(Ask(Group, "uids", "", uid));
        }

        async ValueTask AllowAsync(RequestInfo asked)
        {
            var result = await authorizer.AuthorizeAsync(user, asked, ct);
            if (result.Decision != Decision.Allow)
            {
                throw StatusErrors.Denied(user, asked, result.Reason);
            }
        }
    }

    private static RequestInfo Ask(string group, string resource, string subresource, string name) => new()
    {
        IsResourceRequest = true,
        Path = "",
        Verb = "impersonate",
        ApiGroup = group,
        ApiVersion = "v1",
        Resource = resource,
        Subresource = subresource,
        Name = name,
    };

    private static List<string> CompleteGroups(string name, List<string> groups)
    {
        if (groups.Count == 0 && UserNames.ParseServiceAccount(name) is { } account)
        {
            groups.AddRange(UserNames.ServiceAccountGroups(account.Namespace));
        }

        if (name == UserNames.Anonymous)
        {
            AddUnless(groups, UserNames.Unauthenticated, UserNames.Unauthenticated);
        }
        else
        {
            AddUnless(groups, UserNames.Authenticated, UserNames.Authenticated, UserNames.Unauthenticated);
        }

        return groups;
    }

    private static void AddUnless(List<string> groups, string added, params ReadOnlySpan<string> present)
    {
        foreach (var group in present)
        {
            if (groups.Contains(group))
            {
                return;
            }
        }

        groups.Add(added);
    }
}
