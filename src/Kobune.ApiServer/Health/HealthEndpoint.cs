using System.Text;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Handlers;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Health;

/// <summary>/healthz, /livez and /readyz with ?verbose, ?exclude= and a path per check. Texts of k8s.io/apiserver, server/healthz.</summary>
internal sealed class HealthEndpoint(IReadOnlyList<IHealthCheck> checks) : IPathEndpoint
{
    private static readonly string[] Roots = ["/healthz", "/livez", "/readyz"];

    public bool Serves(string path) => Roots.Any(root => path == root || path.StartsWith(root + "/", StringComparison.Ordinal));

    public ValueTask<ApiResult> ServeAsync(ApiCall call, CancellationToken ct)
    {
        var slash = call.Path.IndexOf('/', 1);
        var root = slash < 0 ? call.Path[1..] : call.Path[1..slash];
        var asked = checks.Where(c => root != "livez" || !c.IsReadinessOnly).ToArray();
        if (slash > 0 && call.Path.Length > slash + 1)
        {
            var name = call.Path[(slash + 1)..];
            asked = asked.Where(c => c.Name == name).ToArray();
            return asked.Length == 1 ? new(One(asked[0])) : throw StatusErrors.NoSuchPath();
        }

        return new(All(call, root, asked));
    }

    private static BytesResult One(IHealthCheck check) => check.Failure is { } failure
        ? Text($"internal server error: {failure}\n", 500)
        : Text("ok", 200);

    private static BytesResult All(ApiCall call, string root, IHealthCheck[] asked)
    {
        var excluded = call.Query.GetAll("exclude").ToHashSet(StringComparer.Ordinal);
        var text = new StringBuilder();
        var failed = new List<string>();
        foreach (var check in asked)
        {
            if (excluded.Remove(check.Name))
            {
                text.Append("[+]").Append(check.Name).Append(" excluded: ok\n");
            }
            else if (check.Failure is null)
            {
                text.Append("[+]").Append(check.Name).Append(" ok\n");
            }
            else
            {
                failed.Add(check.Name);
                text.Append("[-]").Append(check.Name).Append(" failed: reason withheld\n"); // details are for those who ask for the check itself
            }
        }

        if (excluded.Count > 0)
        {
            text.Append("warn: some health checks cannot be excluded: no matches for ").AppendJoin(", ", excluded.Order(StringComparer.Ordinal).Select(e => $"\"{e}\"")).Append('\n');
        }

        if (failed.Count > 0)
        {
            return Text($"{text}{root} check failed\n", 500);
        }

        return call.Query.Find("verbose") is null ? Text("ok", 200) : Text($"{text}{root} check passed\n", 200);
    }

    private static BytesResult Text(string text, int code) => new("text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text), code);
}
