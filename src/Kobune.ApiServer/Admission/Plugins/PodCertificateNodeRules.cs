using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>
/// A kubelet asks for certificates of the pods that run on it alone, with the names and UIDs that they have (plugin/pkg/admission/noderestriction, admitPodCertificateRequest).
/// What another state of the cache may explain is no refusal but an error, so that the kubelet asks again.
/// </summary>
internal static class PodCertificateNodeRules
{
    public static async ValueTask CheckAsync(AdmissionRequest request, string node, CancellationToken ct)
    {
        if (!request.Is(AdmissionOperation.Create))
        {
            throw request.Refusal($"unexpected operation {request.Operation.ToString().ToUpperInvariant()}");
        }

        if (request.Info.Subresource.Length > 0)
        {
            throw request.Refusal($"unexpected subresource {request.Info.Subresource}");
        }

        var spec = (request.Object as System.Text.Json.Nodes.JsonObject).Child("spec");
        if (spec.Text("nodeName") != node)
        {
            throw request.Refusal($"PodCertificateRequest.Spec.NodeName=\"{spec.Text("nodeName")}\", which is not the requesting node \"{node}\"");
        }

        var (space, podName, account) = (request.Namespace, spec.Text("podName"), spec.Text("serviceAccountName"));
        var (path, pod) = ($"{space}/{podName}", await FindAsync<Pod>(request, "pod", space, podName, ct));
        var own = await FindAsync<Node>(request, "node", "", node, ct);
        if (own.Metadata.Uid != spec.Text("nodeUID"))
        {
            throw StatusErrors.InternalError($"PodCertificateRequest for pod \"{path}\" names node UID \"{spec.Text("nodeUID")}\", inconsistent with the running node (\"{own.Metadata.Uid}\")");
        }

        if (pod.Metadata.Uid != spec.Text("podUID"))
        {
            throw StatusErrors.InternalError($"PodCertificateRequest for pod \"{path}\" contains pod UID (\"{spec.Text("podUID")}\") which differs from running pod \"{pod.Metadata.Uid}\"");
        }

        if (pod.Spec.NodeName != node)
        {
            throw request.Refusal($"pod \"{path}\" is not running on node \"{node}\" named in the PodCertificateRequest");
        }

        if (pod.Metadata.Annotations.ContainsKey("kubernetes.io/config.mirror"))
        {
            throw request.Refusal($"pod \"{path}\" is a mirror pod");
        }

        if (pod.Spec.ServiceAccountName != account)
        {
            throw request.Refusal($"PodCertificateRequest for pod \"{path}\" contains serviceAccountName (\"{account}\") that differs from running pod (\"{pod.Spec.ServiceAccountName}\")");
        }

        var known = await FindAsync<ServiceAccount>(request, "service account", space, account, ct);
        if (known.Metadata.Uid != spec.Text("serviceAccountUID"))
        {
            throw StatusErrors.InternalError($"PodCertificateRequest for pod \"{path}\" names service account UID \"{spec.Text("serviceAccountUID")}\", which differs from the running service account (\"{known.Metadata.Uid}\")");
        }
    }

    private static async ValueTask<T> FindAsync<T>(AdmissionRequest request, string what, string space, string name, CancellationToken ct)
        where T : class, IKubernetesObject<T> =>
        await request.Objects.FindOrGetAsync<T>(space, name, ct)
        ?? throw StatusErrors.InternalError($"while retrieving {what} \"{(space.Length > 0 ? space + "/" : "")}{name}\" named in the PodCertificateRequest: not found");
}
