using Kobune.Api;
using Kobune.Api.Json;
using Kobune.Api.Rbac.V1;
using Kobune.ApiServer;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authorization.Rbac;
using Microsoft.Extensions.Logging;

namespace Kobune.ControlPlane;

/// <summary>Writes the roles and bindings that a cluster has from its first moment, as upstream's API server does when it starts. Many at once, so that they share commits.</summary>
internal sealed partial class BootstrapPolicyWriter(ApiServerHost server, ILogger<BootstrapPolicyWriter> logger)
{
    private const int AtOnce = 32;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly UserInfo Server = UserInfo.Of("system:apiserver", UserNames.Masters);

    /// <summary>Returns when the authorizer sees the whole policy: its view follows the store, and who asked before would be refused.</summary>
    public async Task EnsureAsync(CancellationToken ct)
    {
        var plan = BootstrapPolicy.Plan(server.Objects);
        await Parallel.ForEachAsync(plan, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, WriteAsync);

        // The real clock: the view follows by itself, also where a test owns the time.
        var start = TimeProvider.System.GetTimestamp();
        while (plan.Count > 0 && BootstrapPolicy.Plan(server.Objects) is { Count: > 0 } missing)
        {
            if (TimeProvider.System.GetElapsedTime(start) > Patience)
            {
                LogUnseen(missing.Count, missing[0].Metadata.Name);
                return;
            }

            await Task.Delay(Pause, TimeProvider.System, ct);
        }
    }

    private async ValueTask WriteAsync(IKubernetesObject item, CancellationToken ct)
    {
        var (path, body) = item switch
        {
            ClusterRole role => ("/apis/rbac.authorization.k8s.io/v1/clusterroles", JsonText.Bytes(role)),
            ClusterRoleBinding binding => ("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", JsonText.Bytes(binding)),
            Role role => ($"/apis/rbac.authorization.k8s.io/v1/namespaces/{role.Metadata.Namespace}/roles", JsonText.Bytes(role)),
            RoleBinding binding => ($"/apis/rbac.authorization.k8s.io/v1/namespaces/{binding.Metadata.Namespace}/rolebindings", JsonText.Bytes(binding)),
            _ => throw new InvalidOperationException($"{item.Kind} is no part of the bootstrap policy"),
        };
        var isNew = item.Metadata.ResourceVersion.Length == 0;
        var request = isNew
            ? new InProcessRequest(Server, "POST", path, body, UserAgent: "kube-apiserver")
            : new InProcessRequest(Server, "PUT", $"{path}/{Uri.EscapeDataString(item.Metadata.Name)}", body, UserAgent: "kube-apiserver");
        var answer = await server.InProcess.SendAsync(request, ct);
        if (answer.StatusCode is >= 400 and not 409)
        {
            LogRefused(item.Kind, item.Metadata.Name, System.Text.Encoding.UTF8.GetString(answer.Body.Json.Span));
        }
    }

    [LoggerMessage(LogLevel.Error, "The bootstrap policy was written, but the server's view still lacks {Count} objects, {Name} among them")]
    private partial void LogUnseen(int count, string name);

    [LoggerMessage(LogLevel.Error, "The bootstrap {Kind} {Name} was refused: {Status}")]
    private partial void LogRefused(string kind, string name, string status);
}
