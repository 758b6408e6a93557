using Kobune.Api.Core.V1;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Authorization.Nodes;

namespace Kobune.ApiServer.Tests.Authorization;

public class NodeAuthorizerTests
{
    [Theory]
    [InlineData("get secrets default/mounted", true, "")]
    [InlineData("watch secrets default/env", true, "")]
    [InlineData("get secrets default/pull", true, "")]
    [InlineData("get secrets default/projected", true, "")]
    [InlineData("get secrets default/driver", true, "")]
    [InlineData("get secrets default/foreign", false, "no relationship found between node 'a' and this object")]
    [InlineData("list secrets default/", false, "No Object name found")]
    [InlineData("delete secrets default/mounted", false, "can only read resources of this type")]
    [InlineData("get configmaps default/kube-root-ca.crt", true, "")]
    [InlineData("get configmaps default/foreign", false, "no relationship found between node 'a' and this object")]
    [InlineData("get persistentvolumeclaims default/data", true, "")]
    [InlineData("get persistentvolumes /pv", true, "")]
    [InlineData("get persistentvolumes /other", false, "no relationship found between node 'a' and this object")]
    [InlineData("create serviceaccounts/token default/robot", true, "")]
    [InlineData("create serviceaccounts/token default/other", false, "no relationship found between node 'a' and this object")]
    [InlineData("get nodes /a", true, "")]
    [InlineData("get nodes /b", false, "node 'a' cannot read 'b', only its own Node object")]
    [InlineData("list nodes /", false, "node 'a' cannot read all nodes, only its own Node object")]
    [InlineData("patch nodes/status /a", true, "")]
    [InlineData("patch nodes/status /b", true, "")] // NodeRestriction refuses it
    [InlineData("delete nodes /a", false, "")]
    [InlineData("get secrets/status default/mounted", false, "cannot read subresource")]
    [InlineData("patch persistentvolumeclaims/status default/data", true, "")]
    [InlineData("get persistentvolumeclaims/status default/data", false, "can only get/update/patch this type")]
    [InlineData("patch persistentvolumeclaims/status default/other", false, "no relationship found between node 'a' and this object")]
    [InlineData("get persistentvolumes/status /pv", false, "cannot get subresource")]
    [InlineData("watch pods default/web", true, "")]
    [InlineData("create resourceslices.resource.k8s.io /x", true, "")]
    [InlineData("create podcertificaterequests.certificates.k8s.io default/", true, "")] // NodeRestriction looks at it
    [InlineData("list podcertificaterequests.certificates.k8s.io default/ spec.nodeName=a", true, "")]
    [InlineData("list podcertificaterequests.certificates.k8s.io default/ spec.nodeName=b", false, "can only list/watch podcertificaterequests with nodeName field selector")]
    [InlineData("get podcertificaterequests.certificates.k8s.io default/x", false, "no relationship found between node 'a' and this object")]
    [InlineData("update podcertificaterequests.certificates.k8s.io/status default/x", false, "cannot authorize PodCertificateRequest subresources")]
    [InlineData("delete podcertificaterequests.certificates.k8s.io default/x", false, "only the following verbs are allowed for a PodCertificateRequest: create, get, list, watch")]
    [InlineData("update resourceslices.resource.k8s.io /x", false, "no relationship found between node 'a' and this object")]
    [InlineData("list resourceslices.resource.k8s.io /", false, "can only list/watch/deletecollection resourceslices with nodeName field selector")]
    [InlineData("list resourceslices.resource.k8s.io / spec.nodeName=a", true, "")]
    [InlineData("get resourceclaims.resource.k8s.io default/named", true, "")]
    [InlineData("get resourceclaims.resource.k8s.io default/generated", true, "")]
    [InlineData("get resourceclaims.resource.k8s.io default/extended", true, "")]
    [InlineData("get resourceclaims.resource.k8s.io default/foreign", false, "no relationship found between node 'a' and this object")]
    [InlineData("list resourceclaims.resource.k8s.io default/", false, "can only get individual resources of this type")]
    [InlineData("get resourceclaims.resource.k8s.io/status default/named", false, "cannot get subresource")]
    [InlineData("get pods default/web", true, "")]
    [InlineData("get pods default/foreign", false, "no relationship found between node 'a' and this object")]
    [InlineData("list pods / spec.nodeName=a", true, "")]
    [InlineData("watch pods / spec.nodeName=b", false, "can only list/watch pods with spec.nodeName field selector")]
    [InlineData("list pods /", false, "can only list/watch pods with spec.nodeName field selector")]
    [InlineData("patch pods/status default/web", true, "")]
    [InlineData("create pods kube-system/mirror", true, "")]
    [InlineData("update leases.coordination.k8s.io kube-node-lease/a", true, "")]
    [InlineData("update leases.coordination.k8s.io kube-node-lease/b", false, "can only access node lease with the same name as the requesting node")]
    [InlineData("get leases.coordination.k8s.io kube-system/a", false, "can only access leases in the \"kube-node-lease\" system namespace")]
    [InlineData("list services /", true, "")]
    [InlineData("create events default/x", true, "")]
    [InlineData("delete deployments.apps default/x", false, "")]
    [InlineData("get /healthz", false, "")]
    public async Task Kubelet_reaches_what_its_pods_need(string request, bool allowed, string reason)
    {
        var result = await new NodeAuthorizer(Cluster()).AuthorizeAsync(UserInfo.Of("system:node:a", "system:nodes"), Ask.For(request), default);
        Assert.Equal((allowed ? Decision.Allow : Decision.NoOpinion, reason), (result.Decision, result.Reason));
    }

    [Theory]
    [InlineData("system:node:a", "other")]
    [InlineData("system:node:", "system:nodes")]
    [InlineData("alice", "system:nodes")]
    public async Task Others_are_none_of_its_business(string user, string group)
    {
        var result = await new NodeAuthorizer(Cluster()).AuthorizeAsync(UserInfo.Of(user, group), Ask.For("get nodes /a"), default);
        Assert.Equal(Decision.NoOpinion, result.Decision);
    }

    private static ObjectTable Cluster() => new ObjectTable()
        .Put(new Pod
        {
            Metadata = new() { Name = "web", Namespace = "default", Uid = "u1" },
            Spec = new()
            {
                NodeName = "a",
                ServiceAccountName = "robot",
                ImagePullSecrets = [new() { Name = "pull" }],
                ResourceClaims = [new() { Name = "n", ResourceClaimName = "named" }, new() { Name = "g", ResourceClaimTemplateName = "t" }],
                Containers = [new() { Name = "c", Env = [new() { Name = "E", ValueFrom = new() { SecretKeyRef = new() { Name = "env", Key = "k" } } }] }],
                Volumes =
                [
                    new() { Name = "s", Secret = new() { SecretName = "mounted" } },
                    new() { Name = "p", PersistentVolumeClaim = new() { ClaimName = "data" } },
                    new() { Name = "t", Projected = new() { Sources = [new() { Secret = new() { Name = "projected" } }, new() { ConfigMap = new() { Name = "kube-root-ca.crt" } }] } },
                ],
            },
            Status = new() { ResourceClaimStatuses = [new() { Name = "g", ResourceClaimName = "generated" }], ExtendedResourceClaimStatus = new() { ResourceClaimName = "extended" } },
        })
        .Put(new Pod { Metadata = new() { Name = "foreign", Namespace = "default" }, Spec = new() { NodeName = "b", Volumes = [new() { Name = "s", Secret = new() { SecretName = "foreign" } }] } })
        .Put(new PersistentVolume
        {
            Metadata = new() { Name = "pv" },
            Spec = new() { ClaimRef = new() { Namespace = "default", Name = "data" }, CSI = new() { Driver = "d", NodePublishSecretRef = new() { Namespace = "default", Name = "driver" } } },
        });
}
