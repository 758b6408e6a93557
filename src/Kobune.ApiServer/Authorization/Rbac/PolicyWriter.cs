using Kobune.Api;
using Kobune.Api.Json;
using Kobune.Api.Meta.V1;
using Kobune.Api.Rbac.V1;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Authentication;

namespace Kobune.ApiServer.Authorization.Rbac;

/// <summary>Brings the bootstrap policy into a server. Idempotent, safe with several servers. All writes go out at once, so that the store commits them as one group.</summary>
internal sealed class PolicyWriter(InProcessEndpoint endpoint, IObjectReader objects, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly UserInfo _user = UserInfo.Of("system:apiserver", UserNames.Masters);

    /// <summary>Returns when the authorizer sees the whole policy: a component that starts then is not refused.</summary>
    public async Task EnsureAsync(CancellationToken ct)
    {
        await Task.WhenAll(BootstrapPolicy.Plan(objects).Select(item => WriteAsync(item, ct)));
        var start = time.GetTimestamp();
        while (BootstrapPolicy.Plan(objects) is { Count: > 0 } missing)
        {
            if (time.GetElapsedTime(start) > Patience)
            {
                throw new InvalidOperationException($"the bootstrap policy was written, but the server's view still lacks {missing.Count} objects, {missing[0].Metadata.Name} among them");
            }

            await Task.Delay(Pause, time, ct);
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

    private async Task WriteAsync(IKubernetesObject item, CancellationToken ct)
    {
        var isNew = item.Metadata.ResourceVersion.Length == 0;
        var path = isNew ? PathOf(item) : $"{PathOf(item)}/{Uri.EscapeDataString(item.Metadata.Name)}";
        var answer = await endpoint.SendAsync(new InProcessRequest(_user, isNew ? "POST" : "PUT", path, JsonText.Bytes((IJsonWritable)item), UserAgent: "kube-apiserver"), ct);

        // 409: another server was faster; its policy is the same.
        if (answer.StatusCode is >= 400 and not 409)
        {
            throw new InvalidOperationException($"the bootstrap policy's {path} {item.Metadata.Name} could not be written: {answer.Body.Read<Status>().Message}");
        }
    }
}
