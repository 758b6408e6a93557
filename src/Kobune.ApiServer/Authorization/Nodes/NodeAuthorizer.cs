using Kobune.Api.Certificates.V1Beta1;
using Kobune.Api.Core.V1;
using Kobune.Api.Placement;
using Kobune.Api.Resource.V1;
using Kobune.Api.Resources;
using Kobune.Api.Storage.V1;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authorization.Rbac;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Authorization.Nodes;

/// <summary>
/// What a kubelet may do: the rules of the role system:node, and of objects that belong to pods only those of pods bound to its node
/// (upstream's plugin/pkg/auth/authorizer/node). It decides only about members of system:nodes.
/// </summary>
public sealed class NodeAuthorizer(IObjectReader objects) : IAuthorizer
{
    private readonly CompiledRole _rules = new(NodeRules());

    /// <inheritdoc/>
    public ValueTask<AuthorizationResult> AuthorizeAsync(UserInfo user, RequestInfo request, CancellationToken ct)
    {
        if (!user.Name.StartsWith(UserNames.NodePrefix, StringComparison.Ordinal) || UserNames.ParseNode(user) is not { } node)
        {
            return new(AuthorizationResult.None);
        }

        return new(request.IsResourceRequest ? Decide(request, node) : Static(request));
    }

    private AuthorizationResult Decide(RequestInfo request, string node) => (request.ApiGroup, request.Resource) switch
    {
        ("", "secrets") => ReadNamed(request, node, () => Pods(node, request.Namespace).Any(p => PodReferences.Secrets(p.Spec).Contains(request.Name)) || VolumeNeedsSecret(node, request)),
        ("", "configmaps") => ReadNamed(request, node, () => Pods(node, request.Namespace).Any(p => PodReferences.ConfigMaps(p.Spec).Contains(request.Name))),
        ("", "persistentvolumeclaims") => request.Subresource == "status" && request.Verb is not ("update" or "patch")
            ? No("can only get/update/patch this type")
            : Related(request, request.Subresource == "status" ? ["update", "patch"] : ["get"], node, () => Pods(node, request.Namespace).Any(p => PodReferences.Claims(p).Contains(request.Name))),
        ("", "persistentvolumes") => Related(request, ["get"], node, () => UsesVolume(node, request.Name)),
        ("storage.k8s.io", "volumeattachments") => Related(request, ["get"], node, () => objects.Find<VolumeAttachment>("", request.Name)?.Spec.NodeName == node),
        ("", "serviceaccounts") => Related(request, request.Subresource == "token" ? ["create"] : ["get"], node, () => Pods(node, request.Namespace).Any(p => p.Spec.ServiceAccountName == request.Name)),
        ("resource.k8s.io", "resourceclaims") => Related(request, ["get"], node, () => Pods(node, request.Namespace).Any(p => PodDeviceClaims.NamesOf(p).Contains(request.Name))),
        ("resource.k8s.io", "resourceslices") => Slice(request, node),
        ("certificates.k8s.io", "podcertificaterequests") => PodCertificate(request, node),
        ("coordination.k8s.io", "leases") => Lease(request, node),
        ("storage.k8s.io", "csinodes") => Own(request, node, "CSINode"),
        ("", "nodes") => OwnNode(request, node),
        ("", "pods") => OwnPod(request, node),
        _ => Static(request),
    };

    // Secrets, configmaps and the like are asked about by name, so they are not among the rules that hold for every object.
    private static IReadOnlyList<Api.Rbac.V1.PolicyRule> NodeRules() => BootstrapPolicy.ClusterRoles.Single(r => r.Metadata.Name == "system:node").Rules;

    private static AuthorizationResult No(string reason) => new(Decision.NoOpinion, reason);

    private static AuthorizationResult Allowed => new(Decision.Allow, "");

    private static AuthorizationResult Lease(RequestInfo request, string node)
    {
        if (request.Verb is not ("get" or "create" or "update" or "patch" or "delete"))
        {
            return No("can only get, create, update, patch, or delete a node lease");
        }

        return request.Namespace != "kube-node-lease" ? No("can only access leases in the \"kube-node-lease\" system namespace")
            : request.Verb != "create" && request.Name != node ? No("can only access node lease with the same name as the requesting node")
            : Allowed;
    }

    private static AuthorizationResult Own(RequestInfo request, string node, string kind)
    {
        if (request.Verb is not ("get" or "create" or "update" or "patch" or "delete"))
        {
            return No($"can only get, create, update, patch, or delete a {kind}");
        }

        return request.Subresource.Length > 0 ? No($"cannot authorize {kind} subresources")
            : request.Verb != "create" && request.Name != node ? No($"can only access {kind} with the same name as the requesting node")
            : Allowed;
    }

    private AuthorizationResult OwnNode(RequestInfo request, string node)
    {
        switch (request.Subresource, request.Verb)
        {
            case ("", "create") or ("", "update") or ("", "patch") or ("status", "update") or ("status", "patch"):
                return Allowed; // which node: NodeRestriction looks at the object
            case ("", "get") or ("", "list") or ("", "watch"):
                return request.Name == node ? Static(request)
                    : request.Name.Length == 0 ? No($"node '{node}' cannot read all nodes, only its own Node object")
                    : No($"node '{node}' cannot read '{request.Name}', only its own Node object");
            default:
                return Static(request);
        }
    }

    private AuthorizationResult Slice(RequestInfo request, string node) => (request.Subresource, request.Verb) switch
    {
        ({ Length: > 0 }, _) => No("cannot authorize ResourceSlice subresources"),
        (_, "create") => Allowed, // for which node: NodeRestriction looks at the object
        (_, "get" or "update" or "patch" or "delete") => Related(request, ["get", "update", "patch", "delete"], node, () => objects.Find<ResourceSlice>("", request.Name)?.Spec.NodeName == node),
        (_, "watch" or "list" or "deletecollection") => Selects(request, "nodeName", node) || Selects(request, "spec.nodeName", node) ? Allowed : No("can only list/watch/deletecollection resourceslices with nodeName field selector"),
        _ => No("only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection"),
    };

    private AuthorizationResult PodCertificate(RequestInfo request, string node) => (request.Subresource, request.Verb) switch
    {
        ({ Length: > 0 }, _) => No("cannot authorize PodCertificateRequest subresources"),
        (_, "create") => Allowed, // for which pod: NodeRestriction looks at the object
        (_, "get") => Related(request, ["get"], node, () => objects.Find<PodCertificateRequest>(request.Namespace, request.Name)?.Spec.NodeName == node),
        (_, "list" or "watch") => Selects(request, "spec.nodeName", node) ? Allowed : No("can only list/watch podcertificaterequests with nodeName field selector"),
        _ => No("only the following verbs are allowed for a PodCertificateRequest: create, get, list, watch"),
    };

    private static bool Selects(RequestInfo request, string field, string value) =>
        request.FieldSelector.Split(',').Any(part => part == $"{field}={value}" || part == $"{field}=={value}");

    private AuthorizationResult OwnPod(RequestInfo request, string node) => (request.Subresource, request.Verb) switch
    {
        ("", "get") => Related(request, ["get"], node, () => objects.Find<Pod>(request.Namespace, request.Name)?.Spec.NodeName == node),
        ("", "list" or "watch") => Selects(request, "spec.nodeName", node) ? Allowed
            : request.Name.Length > 0 ? Related(request, ["list", "watch"], node, () => objects.Find<Pod>(request.Namespace, request.Name)?.Spec.NodeName == node)
            : No("can only list/watch pods with spec.nodeName field selector"),
        _ => Static(request), // create, delete, status and eviction: NodeRestriction looks at the pod itself
    };

    private static AuthorizationResult ReadNamed(RequestInfo request, string node, Func<bool> related) =>
        request.Verb is not ("get" or "list" or "watch") ? No("can only read resources of this type")
        : request.Subresource.Length > 0 ? No("cannot read subresource")
        : request.Namespace.Length == 0 ? No("can only read namespaced object of this type")
        : Related(request, ["get", "list", "watch"], node, related);

    // The cache may lag behind a binding by a moment: a kubelet that is refused asks again, as with upstream's graph.
    private static AuthorizationResult Related(RequestInfo request, string[] verbs, string node, Func<bool> related) =>
        !verbs.Contains(request.Verb) ? No($"can only {string.Join(", ", verbs)} individual resources of this type")
        : verbs is ["get"] && request.Subresource.Length > 0 ? No("cannot get subresource")
        : request.Name.Length == 0 ? No("No Object name found")
        : related() ? Allowed
        : No($"no relationship found between node '{node}' and this object");

    private IEnumerable<Pod> Pods(string node, string @namespace)
    {
        foreach (var pod in objects.List<Pod>(@namespace))
        {
            if (pod.Spec.NodeName == node)
            {
                yield return pod;
            }
        }
    }

    private bool UsesVolume(string node, string volume) =>
        objects.Find<PersistentVolume>("", volume)?.Spec.ClaimRef is { } claim
        && Pods(node, claim.Namespace).Any(p => PodReferences.Claims(p).Contains(claim.Name));

    private bool VolumeNeedsSecret(string node, RequestInfo request) => objects.List<PersistentVolume>("")
        .Any(v => PodReferences.Secrets(v).Contains((request.Namespace, request.Name)) && UsesVolume(node, v.Metadata.Name));

    private AuthorizationResult Static(RequestInfo request) => _rules.Allows(request) ? Allowed : AuthorizationResult.None;
}
