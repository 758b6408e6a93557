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

        if (WriteExtra(user) is { } extra)
        {
            json["extra"] = extra;
        }

        return json;
    }

    /// <summary>User, groups, uid and extra of a SubjectAccessReview's spec.</summary>
    public static UserInfo ReadSpec(JsonObject spec) => Read(spec, "user");

    /// <summary>The user of a TokenReview's status.</summary>
    public static UserInfo ReadUser(JsonObject user) => Read(user, "username");

    /// <summary>The extra keys with their values, sorted; null for none.</summary>
    public static JsonObject? WriteExtra(UserInfo user)
    {
        if (user.Extra.Count == 0)
        {
            return null;
        }

        var extra = new JsonObject();
        foreach (var (key, values) in user.Extra.OrderBy(e => e.Key, StringComparer.Ordinal))
        {
            extra[key] = values.ToJsonArray();
        }

        return extra;
    }

    private static UserInfo Read(JsonObject spec, string name)
    {
        var extra = spec.Child("extra") is { } given ? given.ToDictionary(e => e.Key, e => given.Texts(e.Key)) : null;
        return new(spec.Text(name), spec.Text("uid"), spec.Texts("groups"), extra ?? UserInfo.NoExtra);
    }
}
