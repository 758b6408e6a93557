using System.Text.Json.Nodes;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Authentication.Tokens;

/// <summary>authentication.k8s.io/v1 UserInfo.</summary>
internal static class UserInfoJson
{
    public static JsonObject Write(UserInfo user)
    {
        var json = new JsonObject { ["username"] = user.Name };
        if (user.Uid.Length > 0)
        {
            json["uid"] = user.Uid;
        }

        if (user.Groups.Count > 0)
        {
            json["groups"] = user.Groups.ToJsonArray();
        }

        if (user.Extra.Count > 0)
        {
            var extra = json.Need("extra");
            foreach (var (key, values) in user.Extra.OrderBy(e => e.Key, StringComparer.Ordinal))
            {
                extra[key] = values.ToJsonArray();
            }
        }

        return json;
    }

    /// <summary>User, groups, uid and extra of a SubjectAccessReview's spec.</summary>
    public static UserInfo ReadSpec(JsonObject spec)
    {
        var extra = spec.Child("extra")?.ToDictionary(e => e.Key, e => (IReadOnlyList<string>)[.. ((e.Value as JsonArray) ?? []).Select(v => v?.GetValue<string>() ?? "")]);
        return new(spec.Text("user"), spec.Text("uid"), spec.Texts("groups"), extra ?? UserInfo.NoExtra);
    }
}
