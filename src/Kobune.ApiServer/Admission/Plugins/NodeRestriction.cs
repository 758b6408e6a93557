using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authorization.Nodes;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>What a kubelet may write: its own Node (not its taints nor restricted labels), pods bound to itself, tokens of those pods, its lease and CSINode (upstream's plugin NodeRestriction).</summary>
internal sealed class NodeRestriction : IMutatingAdmission
{
    public string Name => "NodeRestriction";

    public async ValueTask MutateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (!request.User.Name.StartsWith(UserNames.NodePrefix, StringComparison.Ordinal) || !request.User.Groups.Contains(UserNames.Nodes) || request.Is(AdmissionOperation.Connect))
        {
            return;
        }

        var node = UserNames.ParseNode(request.User) ?? throw request.Refusal($"could not determine node from user \"{request.User.Name}\"");

        switch (request.Resource.Group, request.Resource.Plural, request.Info.Subresource)
        {
            case ("", "pods", ""):
                CheckPod(request, node);
                break;
            case ("", "pods", "status"):
                CheckPodStatus(request, node);
                break;
            case ("", "pods", "eviction"):
                CheckEviction(request, node);
                break;
            case ("", "pods", var other):
                throw request.Refusal($"unexpected pod subresource \"{other}\", only 'status' and 'eviction' are allowed");
            case ("", "persistentvolumeclaims", _):
                OwnedByNodes.CheckClaim(request, node);
                break;
            case ("resource.k8s.io", "resourceslices", _):
                OwnedByNodes.CheckSlice(request, node);
                break;
            case ("certificates.k8s.io", "certificatesigningrequests", ""):
                OwnedByNodes.CheckSigningRequest(request, node);
                break;
            case ("certificates.k8s.io", "podcertificaterequests", _):
                await PodCertificateNodeRules.CheckAsync(request, node, ct);
                break;
            case ("", "nodes", _):
                NodeRules.Check(request, node);
                break;
            case ("", "serviceaccounts", "token"):
                await CheckTokenAsync(request, node, ct);
                break;
            case ("coordination.k8s.io", "leases", _):
                CheckLease(request, node);
                break;
            case ("storage.k8s.io", "csinodes", _):
                CheckOwnName(request, node, "can only access CSINode with the same name as the requesting node");
                break;
        }
    }

    private static void CheckPod(AdmissionRequest request, string node)
    {
        switch (request.Operation)
        {
            case AdmissionOperation.Create:
                if (MirrorPodRules.Check(request.Object!.Read<Pod>(), request.Objects, node) is { } problem)
                {
                    throw request.Refusal(problem);
                }

                break;
            case AdmissionOperation.Delete:
                if (request.OldObject is { } old && old.Read<Pod>().Spec.NodeName != node)
                {
                    throw request.Refusal($"node \"{node}\" can only delete pods with spec.nodeName set to itself");
                }

                break;
            default:
                throw request.Refusal($"unexpected operation \"{request.Operation.ToString().ToUpperInvariant()}\", node \"{node}\" can only create and delete mirror pods");
        }
    }

    private static void CheckPodStatus(AdmissionRequest request, string node)
    {
        if (!request.Is(AdmissionOperation.Update))
        {
            throw request.Refusal($"unexpected operation \"{request.Operation.ToString().ToUpperInvariant()}\"");
        }

        var old = request.OldObject!.Read<Pod>();
        if (old.Spec.NodeName != node)
        {
            throw request.Refusal($"node \"{node}\" can only update pod status for pods with spec.nodeName set to itself");
        }

        var pod = request.Object!.Read<Pod>();
        var labels = pod.Metadata.Labels;
        if (labels.Count != old.Metadata.Labels.Count || labels.Any(l => old.Metadata.Labels.GetValueOrDefault(l.Key) != l.Value))
        {
            throw request.Refusal($"node \"{node}\" cannot update labels through pod status");
        }

        if (!pod.Status.ResourceClaimStatuses.Select(s => (s.Name, s.ResourceClaimName)).SequenceEqual(old.Status.ResourceClaimStatuses.Select(s => (s.Name, s.ResourceClaimName))))
        {
            throw request.Refusal($"node \"{node}\" cannot update resource claim statues"); // upstream's spelling
        }

        if (pod.Status.ExtendedResourceClaimStatus != old.Status.ExtendedResourceClaimStatus)
        {
            throw request.Refusal($"node \"{node}\" cannot update extended resource claim status");
        }
    }

    private static void CheckEviction(AdmissionRequest request, string node)
    {
        var name = request.Name.Length > 0 ? request.Name : (request.Object as JsonObject).Child("metadata").Text("name");
        var pod = request.Objects.Find<Pod>(request.Namespace, name) ?? throw Errors.StatusErrors.NotFound("", "pods", name);
        if (pod.Spec.NodeName != node)
        {
            throw request.Refusal($"node {node} can only evict pods with spec.nodeName set to itself");
        }
    }

    private static async ValueTask CheckTokenAsync(AdmissionRequest request, string node, CancellationToken ct)
    {
        var reference = (request.Object as JsonObject).Child("spec", "boundObjectRef");
        if (reference.Text("apiVersion") != "v1" || reference.Text("kind") != "Pod" || reference.Text("name").Length == 0)
        {
            throw request.Refusal("node requested token not bound to a pod");
        }

        if (reference.Text("uid") is not { Length: > 0 } uid)
        {
            throw request.Refusal("node requested token with a pod binding without a uid");
        }

        var name = reference.Text("name");
        var pod = request.Objects.Find<Pod>(request.Namespace, name) is { } cached && cached.Spec.NodeName == node ? cached : await request.Objects.GetAsync<Pod>(request.Namespace, name, ct);
        if (pod is null)
        {
            throw Errors.StatusErrors.NotFound("", "pods", name);
        }

        if (pod.Metadata.Uid != uid)
        {
            throw request.Refusal($"the UID in the bound object reference ({uid}) does not match the UID in record. The object might have been deleted and then recreated");
        }

        if (pod.Spec.NodeName != node)
        {
            throw request.Refusal("node requested token bound to a pod scheduled on a different node");
        }
    }

    private static void CheckLease(AdmissionRequest request, string node)
    {
        if (request.Namespace != "kube-node-lease")
        {
            throw request.Refusal("can only access leases in the \"kube-node-lease\" system namespace");
        }

        CheckOwnName(request, node, "can only access node lease with the same name as the requesting node");
    }

    private static void CheckOwnName(AdmissionRequest request, string node, string problem)
    {
        var name = request.Is(AdmissionOperation.Create) ? (request.Object as JsonObject).Child("metadata").Text("name") : request.Name;
        if (name != node)
        {
            throw request.Refusal(problem);
        }
    }
}
