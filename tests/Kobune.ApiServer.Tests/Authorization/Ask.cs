using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Tests.Authorization;

/// <summary>Requests in one line: "get pods/log default/web", "list deployments.apps default/", "get /healthz".</summary>
internal static class Ask
{
    public static RequestInfo For(string text)
    {
        var words = text.Split(' ');
        if (words[1][0] == '/')
        {
            return new() { IsResourceRequest = false, Verb = words[0], Path = words[1] };
        }

        var where = words.Length > 2 ? words[2].Split('/') : ["", ""];
        var whole = words[1].Split('/');
        var dot = whole[0].IndexOf('.');
        return new()
        {
            IsResourceRequest = true,
            Path = "",
            Verb = words[0],
            Resource = dot < 0 ? whole[0] : whole[0][..dot],
            ApiGroup = dot < 0 ? "" : whole[0][(dot + 1)..],
            ApiVersion = "v1",
            Subresource = whole.Length > 1 ? whole[1] : "",
            Namespace = where[0],
            Name = where.Length > 1 ? where[1] : "",
            FieldSelector = words.Length > 3 ? words[3] : "",
        };
    }
}
