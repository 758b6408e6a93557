using System.Text;
using Kobune.Api;
using Kobune.Api.Features;
using Kobune.Api.Json;
using Kobune.Api.Rbac.V1;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Authentication;
using Microsoft.Extensions.Logging;

namespace Kobune.ApiServer.Authorization.Rbac;

/// <summary>
/// Brings the bootstrap policy into a server, as upstream's API server does when it starts. Idempotent, safe with several servers. Many writes go out at once, so that
/// they share commits. What is refused is logged, and the server goes on: a namespace that somebody deleted must not keep it from starting.
/// </summary>
internal sealed partial class PolicyWriter(InProcessEndpoint endpoint, Task namespaces, IObjectReader objects, FeatureGates features, ILogger<PolicyWriter> logger)
{
    private const int AtOnce = 32;
    private const int Looks = 10; // each waits for the caches, at most 3 s

    private readonly UserInfo _user = UserInfo.Of("system:apiserver", UserNames.Masters);

    /// <summary>Returns when the authorizer sees the whole policy: its view follows the store, and a component that started before would be refused.</summary>
    public async Task EnsureAsync(CancellationToken ct)
    {
        var plan = BootstrapPolicy.Plan(objects, features);
        if (plan.Count == 0)
        {
            return;
        }

        var refused = 0;
        await Parallel.ForEachAsync(plan, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct, TaskScheduler = TaskScheduler.Current }, async (item, token) =>
        {
            if (!await WriteAsync(item, token))
            {
                Interlocked.Increment(ref refused);
            }
        });

        for (var look = 0; BootstrapPolicy.Plan(objects, features) is var missing && missing.Count > refused; look++)
        {
            if (look == Looks)
            {
                LogUnseen(missing.Count, missing[0].Metadata.Name);
                return;
            }

            // A list is answered when the caches are as fresh as the store. No pause by the real clock: where a test owns the time, what happens next would depend on its length.
            await endpoint.SendAsync(new InProcessRequest(_user, "GET", "/apis/rbac.authorization.k8s.io/v1/clusterroles?limit=1", UserAgent: "kube-apiserver"), ct);
        }
    }

    private static string PathOf(IKubernetesObject item)
    {
        var space = item.Metadata.Namespace.Length > 0 ? $"namespaces/{item.Metadata.Namespace}/" : "";
        var plural = item switch
        {
            ClusterRole => "clusterroles",
            ClusterRoleBinding => "clusterrolebindings",
            Role => "roles",
            _ => "rolebindings",
        };
        return $"/apis/rbac.authorization.k8s.io/v1/{space}{plural}";
    }

    private async ValueTask<bool> WriteAsync(IKubernetesObject item, CancellationToken ct)
    {
        if (item.Metadata.Namespace.Length > 0)
        {
            await namespaces;
        }

        var isNew = item.Metadata.ResourceVersion.Length == 0;
        var path = isNew ? PathOf(item) : $"{PathOf(item)}/{Uri.EscapeDataString(item.Metadata.Name)}";
        var answer = await endpoint.SendAsync(new InProcessRequest(_user, isNew ? "POST" : "PUT", path, JsonText.Bytes((IJsonWritable)item), UserAgent: "kube-apiserver"), ct);

        // 409: another server was faster; its policy is the same.
        if (answer.StatusCode is < 400 or 409)
        {
            return true;
        }

        LogRefused(item.Kind, item.Metadata.Name, Encoding.UTF8.GetString(answer.Body.Json.Span));
        return false;
    }

    [LoggerMessage(LogLevel.Error, "The bootstrap policy was written, but the server's view still lacks {Count} objects, {Name} among them")]
    private partial void LogUnseen(int count, string name);

    [LoggerMessage(LogLevel.Error, "The bootstrap {Kind} {Name} was refused: {Status}")]
    private partial void LogRefused(string kind, string name, string status);
}
