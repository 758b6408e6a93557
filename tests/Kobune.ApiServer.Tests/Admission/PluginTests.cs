using Kobune.Api;
using Kobune.Api.Certificates.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Networking.V1;
using Kobune.Api.Node.V1;
using Kobune.Api.Resource.V1;
using Kobune.Api.Scheduling.V1;
using Kobune.Api.Storage.V1;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Admission.Plugins;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Authorization.Rbac;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Tests.Authorization;
using PodCertificateRequest = Kobune.Api.Certificates.V1Beta1.PodCertificateRequest;

namespace Kobune.ApiServer.Tests.Admission;

public class PluginTests
{
    private const string Pod = """{"metadata":{"name":"web","namespace":"default"},"spec":{"containers":[{"name":"c","image":"i"}]}}""";
    private readonly ObjectTable _objects = new();

    [Fact]
    public void Chain_has_upstreams_order() => Assert.Equal(
        ["NamespaceLifecycle", "LimitRanger", "ServiceAccount", "NodeRestriction", "TaintNodesByCondition", "PodSecurity", "Priority", "DefaultTolerationSeconds", "DefaultStorageClass", "StorageObjectInUseProtection", "PersistentVolumeClaimResize", "RuntimeClass", "CertificateApproval", "CertificateSigning", "CertificateSubjectRestriction", "DefaultIngressClass", "PodTopologyLabels", "NodeDeclaredFeatureValidator", "MutatingAdmissionPolicy", "MutatingAdmissionWebhook", "ValidatingAdmissionPolicy", "ValidatingAdmissionWebhook", "RBACEscalation", "ResourceQuota"],
        AdmissionPlugins.Default(new RbacAuthorizer(_objects), new AuthorizerChain(), TimeProvider.System).Plugins.Select(p => p.Name));

    [Fact]
    public async Task Namespace_must_exist_and_must_not_be_going()
    {
        var missing = await Assert.ThrowsAsync<StatusException>(() => Mutate(new NamespaceLifecycle(), Admissions.Of<Pod>(AdmissionOperation.Create, _objects, Pod)));
        Assert.Equal(("namespaces \"default\" not found", 404), (missing.Message, missing.Code));
        _objects.Put(new Namespace { Metadata = new() { Name = "default" }, Status = new() { Phase = "Terminating" } });
        var going = await Assert.ThrowsAsync<StatusException>(() => Mutate(new NamespaceLifecycle(), Admissions.Of<Pod>(AdmissionOperation.Create, _objects, Pod)));
        Assert.Equal("pods \"web\" is forbidden: unable to create new content in namespace default because it is being terminated", going.Message);
        Assert.Equal(("NamespaceTerminating", "namespace default is being terminated", "metadata.namespace"), (going.Status.Details!.Causes[0].Type, going.Status.Details.Causes[0].Message, going.Status.Details.Causes[0].Field));
        await Mutate(new NamespaceLifecycle(), Admissions.Of<Pod>(AdmissionOperation.Update, _objects, Pod));
        await Mutate(new NamespaceLifecycle(), Admissions.Of<Pod>(AdmissionOperation.Delete, _objects, Pod));
    }

    [Theory]
    [InlineData("default", false)]
    [InlineData("kube-system", false)]
    [InlineData("kube-public", false)]
    [InlineData("kube-node-lease", true)]
    public async Task Three_namespaces_stay(string name, bool allowed)
    {
        var request = Admissions.Of<Namespace>(AdmissionOperation.Delete, _objects, $$$"""{"metadata":{"name":"{{{name}}}"}}""");
        var refusal = await Record.ExceptionAsync(() => Mutate(new NamespaceLifecycle(), request));
        Assert.Equal(allowed ? null : $"namespaces \"{name}\" is forbidden: this namespace may not be deleted", refusal?.Message);
    }

    [Fact]
    public async Task Pod_gets_account_token_volume_and_pull_secrets()
    {
        _objects.Put(new ServiceAccount { Metadata = new() { Name = "default", Namespace = "default" }, ImagePullSecrets = [new() { Name = "pull" }] });
        var request = Admissions.Of<Pod>(AdmissionOperation.Create, _objects, Pod);
        await Mutate(new ServiceAccountAdmission(TimeProvider.System), request);
        var spec = request.Object!["spec"]!;
        var volume = (string)spec["volumes"]![0]!["name"]!;
        Assert.Matches("^kube-api-access-[bcdfghjklmnpqrstvwxz2456789]{5}$", volume);
        Assert.Equal(
            $$$"""{"containers":[{"name":"c","image":"i","volumeMounts":[{"name":"{{{volume}}}","readOnly":true,"mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}]}],"serviceAccountName":"default","serviceAccount":"default","volumes":[{"name":"{{{volume}}}","projected":{"sources":[{"serviceAccountToken":{"expirationSeconds":3607,"path":"token"}},{"configMap":{"name":"kube-root-ca.crt","items":[{"key":"ca.crt","path":"ca.crt"}]}},{"downwardAPI":{"items":[{"path":"namespace","fieldRef":{"apiVersion":"v1","fieldPath":"metadata.namespace"}}]}}],"defaultMode":420}}],"imagePullSecrets":[{"name":"pull"}]}""",
            spec.ToJsonString());
    }

    [Theory]
    [InlineData("true", """{"volumes":[{"name":"v","secret":{"secretName":"own"}}],"imagePullSecrets":[{"name":"pull"}],"containers":[{"name":"c","envFrom":[{"secretRef":{"name":"own"}}]}]}""", null)]
    [InlineData("true", """{"volumes":[{"name":"v","secret":{"secretName":"x"}}]}""", "volume with secret.secretName=\"x\" is not allowed because service account default does not reference that secret")]
    [InlineData("true", """{"initContainers":[{"name":"i","env":[{"name":"E","valueFrom":{"secretKeyRef":{"name":"x","key":"k"}}}]}]}""", "init container i with envVar E referencing secret.secretName=\"x\" is not allowed because service account default does not reference that secret")]
    [InlineData("true", """{"containers":[{"name":"c","envFrom":[{"secretRef":{"name":"x"}}]}]}""", "container c with envFrom referencing secret.secretName=\"x\" is not allowed because service account default does not reference that secret")]
    [InlineData("true", """{"imagePullSecrets":[{"name":"pull"},{"name":"own"}]}""", "imagePullSecrets[1].name=\"own\" is not allowed because service account default does not reference that imagePullSecret")]
    [InlineData("false", """{"volumes":[{"name":"v","secret":{"secretName":"x"}}]}""", null)]
    public async Task An_account_can_limit_its_pods_to_its_own_secrets(string enforce, string spec, string? problem)
    {
        _objects.Put(new ServiceAccount
        {
            Metadata = new() { Name = "default", Namespace = "default", Annotations = new Dictionary<string, string> { ["kubernetes.io/enforce-mountable-secrets"] = enforce } },
            Secrets = [new() { Name = "own" }],
            ImagePullSecrets = [new() { Name = "pull" }],
        });
        var plugin = new ServiceAccountAdmission(TimeProvider.System);
        var request = Admissions.Of<Pod>(AdmissionOperation.Create, _objects, $$"""{"metadata":{"name":"web","namespace":"default"},"spec":{{spec}}}""");
        await Mutate(plugin, request);
        var refusal = await Record.ExceptionAsync(() => plugin.ValidateAsync(request, TestContext.Current.CancellationToken).AsTask());
        Assert.Equal(problem is null ? null : $"pods \"web\" is forbidden: {problem}", refusal?.Message);
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData(true, null, true)]
    [InlineData(false, null, false)]
    [InlineData(null, true, true)]
    [InlineData(true, true, true)]
    [InlineData(false, true, false)]
    [InlineData(null, false, false)]
    [InlineData(true, false, true)]
    [InlineData(false, false, false)]
    public async Task Token_is_mounted_unless_pod_or_account_says_no(bool? pod, bool? account, bool mounted)
    {
        _objects.Put(new ServiceAccount { Metadata = new() { Name = "default", Namespace = "default" }, AutomountServiceAccountToken = account });
        var request = Admissions.Of<Pod>(AdmissionOperation.Create, _objects, Pod);
        request.Object!["spec"]!["automountServiceAccountToken"] = pod;
        await Mutate(new ServiceAccountAdmission(TimeProvider.System), request);
        Assert.Equal(mounted, request.Object["spec"]!["volumes"] is not null);
    }

    [Fact]
    public async Task Missing_account_is_named()
    {
        var request = Admissions.Of<Pod>(AdmissionOperation.Create, _objects, """{"metadata":{"name":"web","namespace":"default"},"spec":{"serviceAccountName":"robot"}}""");
        Assert.Equal(
            "pods \"web\" is forbidden: error looking up service account default/robot: serviceaccount \"robot\" not found",
            (await Assert.ThrowsAsync<StatusException>(() => Mutate(new ServiceAccountAdmission(TimeProvider.System), request))).Message);
    }

    [Fact]
    public async Task Limit_range_fills_in_and_refuses()
    {
        static IReadOnlyDictionary<string, Quantity> Cpu(string value) => new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse(value) };
        _objects.Put(new LimitRange { Metadata = new() { Name = "l", Namespace = "default" }, Spec = new() { Limits = [new() { Type = "Container", DefaultRequest = Cpu("100m"), Default = Cpu("200m"), Max = Cpu("1") }] } });
        var request = Admissions.Of<Pod>(AdmissionOperation.Create, _objects, Pod);
        var plugin = new LimitRanger();
        await Mutate(plugin, request);
        Assert.Equal("""{"requests":{"cpu":"100m"},"limits":{"cpu":"200m"}}""", request.Object!["spec"]!["containers"]![0]!["resources"]!.ToJsonString());
        Assert.Equal("LimitRanger plugin set: cpu request for container c; cpu limit for container c", (string?)request.Object["metadata"]!["annotations"]!["kubernetes.io/limit-ranger"]);
        await plugin.ValidateAsync(request, default);
        request.Object["spec"]!["containers"]![0]!["resources"]!["limits"]!["cpu"] = "2";
        Assert.Equal(
            "pods \"web\" is forbidden: maximum cpu usage per Container is 1, but limit is 2",
            (await Assert.ThrowsAsync<StatusException>(() => plugin.ValidateAsync(request, default).AsTask())).Message);
    }

    [Theory]
    [InlineData("", null, 0, "")]
    [InlineData("high", null, 1000, "")]
    [InlineData("none", null, 0, "pods \"web\" is forbidden: no PriorityClass with name none was found")]
    [InlineData("high", 5, 0, "pods \"web\" is forbidden: the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 1000 from the given PriorityClass name")]
    public async Task Priority_comes_from_the_class(string name, int? given, int expected, string message)
    {
        _objects.Put(new PriorityClass { Metadata = new() { Name = "high" }, Value = 1000 });
        var request = Admissions.Of<Pod>(AdmissionOperation.Create, _objects, Pod);
        request.Object!["spec"]!["priorityClassName"] = name;
        request.Object["spec"]!["priority"] = given;
        var refusal = await Record.ExceptionAsync(() => Mutate(new Priority(), request));
        Assert.Equal(message, refusal?.Message ?? "");
        if (refusal is null)
        {
            Assert.Equal((expected, "PreemptLowerPriority"), ((int)request.Object["spec"]!["priority"]!, (string?)request.Object["spec"]!["preemptionPolicy"]));
        }
    }

    [Fact]
    public async Task Runtime_class_gives_overhead_selector_and_tolerations()
    {
        const string Of = """{"metadata":{"name":"p","namespace":"default"},"spec":{"runtimeClassName":"slow","nodeSelector":{"a":"b"},"containers":[{"name":"c","image":"i"}]}}""";
        var plugin = new RuntimeClassAdmission();
        var missing = await Assert.ThrowsAsync<StatusException>(() => Mutate(plugin, Admissions.Of<Pod>(AdmissionOperation.Create, _objects, Of)));
        Assert.Equal((403, "pods \"p\" is forbidden: pod rejected: RuntimeClass \"slow\" not found"), (missing.Code, missing.Message));
        _objects.Put(new RuntimeClass
        {
            Metadata = new() { Name = "slow" },
            Handler = "h",
            Overhead = new() { PodFixed = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("100m") } },
            Scheduling = new() { NodeSelector = new Dictionary<string, string> { ["slow"] = "yes" }, Tolerations = [new Toleration { Key = "slow", Operator = "Exists" }] },
        });
        var request = Admissions.Of<Pod>(AdmissionOperation.Create, _objects, Of);
        await Mutate(plugin, request);
        await plugin.ValidateAsync(request, default);
        var spec = request.Object!["spec"]!;
        Assert.Equal("""{"cpu":"100m"} {"a":"b","slow":"yes"} [{"key":"slow","operator":"Exists"}]""", $"{spec["overhead"]!.ToJsonString()} {spec["nodeSelector"]!.ToJsonString()} {spec["tolerations"]!.ToJsonString()}");

        var other = Admissions.Of<Pod>(AdmissionOperation.Create, _objects, Of.Replace("\"nodeSelector\"", "\"overhead\":{\"cpu\":\"1\"},\"nodeSelector\"", StringComparison.Ordinal));
        Assert.EndsWith("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead", (await Assert.ThrowsAsync<StatusException>(() => Mutate(plugin, other))).Message, StringComparison.Ordinal);
        var clash = Admissions.Of<Pod>(AdmissionOperation.Create, _objects, Of.Replace("\"a\":\"b\"", "\"slow\":\"no\"", StringComparison.Ordinal));
        Assert.EndsWith("conflict: runtimeClass.scheduling.nodeSelector[slow] = yes; pod.spec.nodeSelector[slow] = no", (await Assert.ThrowsAsync<StatusException>(() => Mutate(plugin, clash))).Message, StringComparison.Ordinal);
        var bare = Admissions.Of<Pod>(AdmissionOperation.Create, _objects, """{"metadata":{"name":"p","namespace":"default"},"spec":{"overhead":{"cpu":"1"},"containers":[]}}""");
        Assert.EndsWith("pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead", (await Assert.ThrowsAsync<StatusException>(() => plugin.ValidateAsync(bare, default).AsTask())).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("approval", "approve", "signers/example.com/one", true)]
    [InlineData("approval", "approve", "signers/example.com/*", true)]
    [InlineData("approval", "approve", "signers/example.com/two", false)]
    [InlineData("status", "sign", "signers/example.com/one", true)]
    [InlineData("status", "sign", "signers/other.com/*", false)]
    public async Task Only_who_may_approves_and_signs(string subresource, string verb, string granted, bool isAllowed)
    {
        const string Csr = """{"metadata":{"name":"r"},"spec":{"signerName":"example.com/one","request":"","usages":[]},"status":{"certificate":"YQ=="}}""";
        var authorizer = new Granting(r => r.Verb == verb && $"{r.Resource}/{r.Name}" == granted);
        var plugin = verb == "sign" ? CertificateRights.Signing(authorizer) : CertificateRights.Approval(authorizer);
        var request = Admissions.Of<CertificateSigningRequest>(AdmissionOperation.Update, _objects, Csr, Csr.Replace("YQ==", "", StringComparison.Ordinal), subresource: subresource);
        var refusal = await Record.ExceptionAsync(() => plugin.ValidateAsync(request, default).AsTask());
        Assert.Equal(isAllowed ? null : $"certificatesigningrequests.certificates.k8s.io \"r\" is forbidden: user not permitted to {verb} requests with signerName \"example.com/one\"", refusal?.Message);
    }

    [Theory]
    [InlineData("sign signers/example.com/one", "Denied", true)]
    [InlineData("sign signers/example.com/*", "Denied", true)]
    [InlineData("approve signers/example.com/one", "Denied", false)]
    [InlineData("sign signers/example.com/two", "", true)] // nothing changes
    [InlineData("sign signers/example.com/two", "Denied", false)]
    public async Task Only_who_may_sign_answers_a_pods_request(string granted, string condition, bool isAllowed)
    {
        const string Old = """{"metadata":{"name":"r","namespace":"default"},"spec":{"signerName":"example.com/one"}}""";
        var now = condition.Length == 0 ? Old : Old.Replace("}}", "},\"status\":{\"conditions\":[{\"type\":\"Denied\",\"status\":\"True\"}]}}", StringComparison.Ordinal);
        var plugin = CertificateRights.Signing(new Granting(r => $"{r.Verb} {r.Resource}/{r.Name}" == granted));
        var refusal = await Record.ExceptionAsync(() => plugin.ValidateAsync(Admissions.Of<PodCertificateRequest>(AdmissionOperation.Update, _objects, now, Old, subresource: "status"), default).AsTask());
        Assert.Equal(isAllowed ? null : "PodCertificateRequest.certificates.k8s.io \"r\" is invalid: spec.signerName: Forbidden: User \"alice\" is not permitted to \"sign\" for signer \"example.com/one\"", refusal?.Message);
    }

    [Theory]
    [InlineData("kubernetes.io/kube-apiserver-client", "O=system:masters", false)]
    [InlineData("kubernetes.io/kube-apiserver-client", "O=people", true)]
    [InlineData("kubernetes.io/kubelet-serving", "O=system:masters", true)]
    public async Task Nobody_asks_for_a_certificate_of_the_masters(string signer, string subject, bool isAllowed)
    {
        using var key = System.Security.Cryptography.ECDsa.Create();
        var pem = new System.Security.Cryptography.X509Certificates.CertificateRequest($"CN=x,{subject}", key, System.Security.Cryptography.HashAlgorithmName.SHA256).CreateSigningRequestPem();
        var csr = $$$"""{"metadata":{"name":"r"},"spec":{"signerName":"{{{signer}}}","request":"{{{Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(pem))}}}","usages":["client auth"]}}""";
        var refusal = await Record.ExceptionAsync(() => new CertificateSubjectRestriction().ValidateAsync(Admissions.Of<CertificateSigningRequest>(AdmissionOperation.Create, _objects, csr), default).AsTask());
        Assert.Equal(isAllowed ? null : $"certificatesigningrequests.certificates.k8s.io \"r\" is forbidden: use of {signer} signer with system:masters group is not allowed", refusal?.Message);
    }

    [Fact]
    public async Task Pods_get_zone_and_region_of_their_node()
    {
        _objects.Put(new Node { Metadata = new() { Name = "n", Labels = new Dictionary<string, string> { ["topology.kubernetes.io/zone"] = "z", ["topology.kubernetes.io/region"] = "r", ["other"] = "o" } } });
        var request = Admissions.Of<Pod>(AdmissionOperation.Update, _objects, """{"metadata":{"name":"p","namespace":"default","labels":{"topology.kubernetes.io/zone":"mine"}},"spec":{"nodeName":"n"}}""", subresource: "binding");
        await Mutate(new PodTopologyLabels(), request);
        Assert.Equal("""{"topology.kubernetes.io/zone":"mine","topology.kubernetes.io/region":"r"}""", request.Object!["metadata"]!["labels"]!.ToJsonString());
    }

    [Fact]
    public async Task Defaults_of_cluster_objects_are_used()
    {
        _objects.Put(new StorageClass { Metadata = new() { Name = "old", CreationTimestamp = DateTimeOffset.UnixEpoch, Annotations = new Dictionary<string, string> { ["storageclass.kubernetes.io/is-default-class"] = "true" } } });
        _objects.Put(new StorageClass { Metadata = new() { Name = "new", CreationTimestamp = DateTimeOffset.UnixEpoch.AddDays(1), Annotations = new Dictionary<string, string> { ["storageclass.kubernetes.io/is-default-class"] = "true" } } });
        _objects.Put(new IngressClass { Metadata = new() { Name = "nginx", Annotations = new Dictionary<string, string> { ["ingressclass.kubernetes.io/is-default-class"] = "true" } } });
        var claim = Admissions.Of<PersistentVolumeClaim>(AdmissionOperation.Create, _objects, "{}");
        await Mutate(new DefaultStorageClass(), claim);
        await Mutate(new StorageObjectInUseProtection(), claim);
        Assert.Equal("""{"spec":{"storageClassName":"new"},"metadata":{"finalizers":["kubernetes.io/pvc-protection"]}}""", claim.Object!.ToJsonString());
        var ingress = Admissions.Of<Ingress>(AdmissionOperation.Create, _objects, "{}");
        await Mutate(new DefaultIngressClass(), ingress);
        Assert.Equal("""{"spec":{"ingressClassName":"nginx"}}""", ingress.Object!.ToJsonString());
        var none = Admissions.Of<PersistentVolumeClaim>(AdmissionOperation.Create, _objects, """{"spec":{"storageClassName":""}}""");
        await Mutate(new DefaultStorageClass(), none);
        Assert.Equal("", (string?)none.Object!["spec"]!["storageClassName"]);
    }

    [Fact]
    public async Task Pods_tolerate_sick_nodes_for_five_minutes_and_new_nodes_are_tainted()
    {
        var pod = Admissions.Of<Pod>(AdmissionOperation.Create, _objects, """{"spec":{"tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute"}]}}""");
        await Mutate(new DefaultTolerationSeconds(200, 300), pod);
        Assert.Equal("""[{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute"},{"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}]""", pod.Object!["spec"]!["tolerations"]!.ToJsonString());
        var node = Admissions.Of<Node>(AdmissionOperation.Create, _objects, "{}");
        await Mutate(new TaintNodesByCondition(), node);
        Assert.Equal("""{"spec":{"taints":[{"key":"node.kubernetes.io/not-ready","effect":"NoSchedule"}]}}""", node.Object!.ToJsonString());
    }

    public static TheoryData<string, string, string, string?, string> NodeCases => new()
    {
        { "pods", "", Pod, null, "pods \"web\" is forbidden: pod does not have \"kubernetes.io/config.mirror\" annotation, node \"a\" can only create mirror pods" },
        { "pods", "", """{"metadata":{"name":"m","annotations":{"kubernetes.io/config.mirror":"x"}},"spec":{"nodeName":"b"}}""", null, "pods \"m\" is forbidden: node \"a\" can only create pods with spec.nodeName set to itself" },
        { "pods", "", """{"metadata":{"name":"m","annotations":{"kubernetes.io/config.mirror":"x"}},"spec":{"nodeName":"a"}}""", null, "pods \"m\" is forbidden: node \"a\" can only create pods with an owner reference set to itself" },
        { "pods", "", """{"metadata":{"name":"m","annotations":{"kubernetes.io/config.mirror":"x"},"ownerReferences":[{"apiVersion":"v1","kind":"Node","name":"a","uid":"node-a","controller":true}]},"spec":{"nodeName":"a"}}""", null, "" },
        { "pods", "", """{"metadata":{"name":"m","annotations":{"kubernetes.io/config.mirror":"x"},"ownerReferences":[{"apiVersion":"v1","kind":"Node","name":"a","uid":"node-a","controller":true}]},"spec":{"nodeName":"a","volumes":[{"name":"s","secret":{"secretName":"x"}}]}}""", null, "pods \"m\" is forbidden: node \"a\" can not create pods that reference secrets" },
        { "pods", "status", Pod, """{"spec":{"nodeName":"b"}}""", "pods \"web\" is forbidden: node \"a\" can only update pod status for pods with spec.nodeName set to itself" },
        { "pods", "status", Pod, """{"spec":{"nodeName":"a"}}""", "" },
        { "nodes", "", """{"metadata":{"name":"b"}}""", null, "nodes \"b\" is forbidden: node \"a\" is not allowed to modify node \"b\"" },
        { "nodes", "", """{"metadata":{"name":"a","labels":{"kubernetes.io/hostname":"a","node.kubernetes.io/x":"y","mine":"1"}}}""", null, "" },
        { "nodes", "", """{"metadata":{"name":"a","labels":{"node-role.kubernetes.io/control-plane":""}}}""", null, "nodes \"a\" is forbidden: node \"a\" is not allowed to set the following labels: node-role.kubernetes.io/control-plane" },
        { "nodes", "", """{"metadata":{"name":"a"},"spec":{"taints":[{"key":"k","effect":"NoSchedule"}]}}""", """{"metadata":{"name":"a"}}""", "nodes \"a\" is forbidden: node \"a\" is not allowed to modify taints" },
        { "nodes", "", """{"metadata":{"name":"a","labels":{"failure-domain.kubernetes.io/zone":"z"}}}""", null, "nodes \"a\" is forbidden: node \"a\" is not allowed to set the following labels: failure-domain.kubernetes.io/zone" },
        { "pods", "binding", Pod, null, "pods \"web\" is forbidden: unexpected pod subresource \"binding\", only 'status' and 'eviction' are allowed" },
        { "pods", "eviction", """{"metadata":{"name":"gone","namespace":"default"}}""", null, "pods \"gone\" not found" },
        { "pods", "eviction", """{"metadata":{"name":"other","namespace":"default"}}""", null, "pods \"other\" is forbidden: node a can only evict pods with spec.nodeName set to itself" },
        { "pods", "status", """{"metadata":{"name":"web"},"status":{"resourceClaimStatuses":[{"name":"g","resourceClaimName":"x"}]}}""", """{"spec":{"nodeName":"a"}}""", "pods \"web\" is forbidden: node \"a\" cannot update resource claim statues" },
        { "pods", "status", """{"metadata":{"name":"web"},"status":{"extendedResourceClaimStatus":{"resourceClaimName":"x"}}}""", """{"spec":{"nodeName":"a"},"status":{"extendedResourceClaimStatus":{"resourceClaimName":"y"}}}""", "pods \"web\" is forbidden: node \"a\" cannot update extended resource claim status" },
        { "pods", "status", """{"metadata":{"name":"web"},"status":{"extendedResourceClaimStatus":{"resourceClaimName":"x"}}}""", """{"spec":{"nodeName":"a"},"status":{"extendedResourceClaimStatus":{"resourceClaimName":"x"}}}""", "" },
        { "pods", "", """{"metadata":{"name":"m","annotations":{"kubernetes.io/config.mirror":"x"},"ownerReferences":[{"apiVersion":"v1","kind":"Node","name":"a","uid":"old","controller":true}]},"spec":{"nodeName":"a"}}""", null, "pods \"m\" is forbidden: node a UID mismatch: expected old got node-a" },
        { "claims", "", """{"metadata":{"name":"c"}}""", """{"metadata":{"name":"c"}}""", "persistentvolumeclaims \"c\" is forbidden: may only update PVC status" },
        { "claims", "status", """{"metadata":{"name":"c","resourceVersion":"2"},"status":{"capacity":{"storage":"2Gi"}}}""", """{"metadata":{"name":"c"}}""", "" },
        { "claims", "status", """{"metadata":{"name":"c","labels":{"a":"b"}}}""", """{"metadata":{"name":"c"}}""", "persistentvolumeclaims \"c\" is forbidden: node \"a\" is not allowed to update fields other than status.quantity and status.conditions" },
        { "slices", "", """{"metadata":{"name":"s"},"spec":{"nodeName":"a"}}""", null, "" },
        { "slices", "", """{"metadata":{"name":"s"},"spec":{"nodeName":"b"}}""", null, "resourceslices.resource.k8s.io \"s\" is forbidden: can only create ResourceSlice with the same NodeName as the requesting node" },
        { "requests", "", Csr("system:node:a"), null, "" },
        { "requests", "", Csr("system:node:b"), null, "certificatesigningrequests.certificates.k8s.io \"r\" is forbidden: can only create a node CSR with CN=system:node:a" },
        { "podcertificates", "", """{"metadata":{"name":"r"},"spec":{"signerName":"example.com/a","podName":"mine","podUID":"p1","serviceAccountName":"robot","serviceAccountUID":"sa1","nodeName":"a","nodeUID":"node-a"}}""", null, "" },
        { "podcertificates", "", """{"metadata":{"name":"r"},"spec":{"signerName":"example.com/a","podName":"mine","podUID":"p1","serviceAccountName":"robot","serviceAccountUID":"sa1","nodeName":"b","nodeUID":"node-a"}}""", null, "podcertificaterequests.certificates.k8s.io \"r\" is forbidden: PodCertificateRequest.Spec.NodeName=\"b\", which is not the requesting node \"a\"" },
        { "podcertificates", "", """{"metadata":{"name":"r"},"spec":{"signerName":"example.com/a","podName":"mine","podUID":"p1","serviceAccountName":"robot","serviceAccountUID":"sa1","nodeName":"a","nodeUID":"old"}}""", null, "Internal error occurred: PodCertificateRequest for pod \"default/mine\" names node UID \"old\", inconsistent with the running node (\"node-a\")" },
        { "podcertificates", "", """{"metadata":{"name":"r"},"spec":{"signerName":"example.com/a","podName":"gone","podUID":"p1","serviceAccountName":"robot","serviceAccountUID":"sa1","nodeName":"a","nodeUID":"node-a"}}""", null, "Internal error occurred: while retrieving pod \"default/gone\" named in the PodCertificateRequest: not found" },
        { "podcertificates", "", """{"metadata":{"name":"r"},"spec":{"signerName":"example.com/a","podName":"mine","podUID":"old","serviceAccountName":"robot","serviceAccountUID":"sa1","nodeName":"a","nodeUID":"node-a"}}""", null, "Internal error occurred: PodCertificateRequest for pod \"default/mine\" contains pod UID (\"old\") which differs from running pod \"p1\"" },
        { "podcertificates", "", """{"metadata":{"name":"r"},"spec":{"signerName":"example.com/a","podName":"other","podUID":"p2","serviceAccountName":"robot","serviceAccountUID":"sa1","nodeName":"a","nodeUID":"node-a"}}""", null, "podcertificaterequests.certificates.k8s.io \"r\" is forbidden: pod \"default/other\" is not running on node \"a\" named in the PodCertificateRequest" },
        { "podcertificates", "", """{"metadata":{"name":"r"},"spec":{"signerName":"example.com/a","podName":"mine","podUID":"p1","serviceAccountName":"x","serviceAccountUID":"sa1","nodeName":"a","nodeUID":"node-a"}}""", null, "podcertificaterequests.certificates.k8s.io \"r\" is forbidden: PodCertificateRequest for pod \"default/mine\" contains serviceAccountName (\"x\") that differs from running pod (\"robot\")" },
        { "podcertificates", "", """{"metadata":{"name":"r"},"spec":{"signerName":"example.com/a","podName":"mine","podUID":"p1","serviceAccountName":"robot","serviceAccountUID":"old","nodeName":"a","nodeUID":"node-a"}}""", null, "Internal error occurred: PodCertificateRequest for pod \"default/mine\" names service account UID \"old\", which differs from the running service account (\"sa1\")" },
        { "podcertificates", "", """{"metadata":{"name":"r"},"spec":{"signerName":"example.com/a","podName":"mine","podUID":"p1","serviceAccountName":"robot","serviceAccountUID":"sa1","nodeName":"a","nodeUID":"node-a"}}""", """{}""", "podcertificaterequests.certificates.k8s.io \"r\" is forbidden: unexpected operation UPDATE" },
        { "serviceaccounts", "token", """{"metadata":{"name":"robot"},"spec":{}}""", null, "serviceaccounts \"robot\" is forbidden: node requested token not bound to a pod" },
        { "serviceaccounts", "token", """{"metadata":{"name":"robot"},"spec":{"boundObjectRef":{"apiVersion":"v1","kind":"Pod","name":"mine","uid":"p1"}}}""", null, "" },
        { "serviceaccounts", "token", """{"metadata":{"name":"robot"},"spec":{"boundObjectRef":{"apiVersion":"v1","kind":"Pod","name":"other","uid":"p2"}}}""", null, "serviceaccounts \"robot\" is forbidden: node requested token bound to a pod scheduled on a different node" },
    };

    [Theory, MemberData(nameof(NodeCases))]
    public async Task Kubelet_writes_only_its_own(string resource, string subresource, string json, string? old, string message)
    {
        _objects.Put(new Node { Metadata = new() { Name = "a", Uid = "node-a" } });
        _objects.Put(new Pod { Metadata = new() { Name = "mine", Namespace = "default", Uid = "p1" }, Spec = new() { NodeName = "a", ServiceAccountName = "robot" } });
        _objects.Put(new ServiceAccount { Metadata = new() { Name = "robot", Namespace = "default", Uid = "sa1" } });
        _objects.Put(new Pod { Metadata = new() { Name = "other", Namespace = "default", Uid = "p2" }, Spec = new() { NodeName = "b" } });
        var (operation, user) = (old is null ? AdmissionOperation.Create : AdmissionOperation.Update, UserInfo.Of("system:node:a", "system:nodes"));
        var request = resource switch
        {
            "pods" => Admissions.Of<Pod>(operation, _objects, json, old, user, subresource),
            "nodes" => Admissions.Of<Node>(operation, _objects, json, old, user, subresource),
            "claims" => Admissions.Of<PersistentVolumeClaim>(operation, _objects, json, old, user, subresource),
            "slices" => Admissions.Of<ResourceSlice>(operation, _objects, json, old, user, subresource),
            "requests" => Admissions.Of<CertificateSigningRequest>(operation, _objects, json, old, user, subresource),
            "podcertificates" => Admissions.Of<PodCertificateRequest>(operation, _objects, json, old, user, subresource),
            _ => Admissions.Of<ServiceAccount>(operation, _objects, json, old, user, subresource),
        };
        var refusal = await Record.ExceptionAsync(() => new NodeRestriction().MutateAsync(request, default).AsTask());
        Assert.Equal(message, refusal?.Message ?? "");
    }

    [Fact]
    public async Task Kubelet_without_a_name_writes_nothing()
    {
        var request = Admissions.Of<Node>(AdmissionOperation.Create, _objects, """{"metadata":{"name":"a"}}""", user: UserInfo.Of("system:node:", "system:nodes"));
        var refusal = await Assert.ThrowsAsync<StatusException>(() => new NodeRestriction().MutateAsync(request, default).AsTask());
        Assert.Equal("nodes \"a\" is forbidden: could not determine node from user \"system:node:\"", refusal.Message);
    }

    [Theory]
    [InlineData("Container", "max=cpu:1", "", "maximum cpu usage per Container is 1.  No limit is specified")]
    [InlineData("Container", "min=cpu:1", "", "minimum cpu usage per Container is 1.  No request is specified")]
    [InlineData("Container", "min=cpu:1", "requests=cpu:500m", "minimum cpu usage per Container is 1, but request is 500m")]
    [InlineData("Container", "min=cpu:1", "requests=cpu:1;limits=cpu:900m", "minimum cpu usage per Container is 1, but limit is 900m")]
    [InlineData("Container", "max=cpu:1", "limits=cpu:1;requests=cpu:2", "maximum cpu usage per Container is 1, but request is 2")]
    [InlineData("Container", "max=cpu:1;min=cpu:100m", "", "[minimum cpu usage per Container is 100m.  No request is specified, maximum cpu usage per Container is 1.  No limit is specified]")]
    [InlineData("Pod", "max=memory:1Gi", "limits=memory:2Gi", "maximum memory usage per Pod is 1Gi, but limit is 2Gi")]
    [InlineData("Pod", "ratio=cpu:2", "requests=cpu:1;limits=cpu:3", "cpu max limit to request ratio per Pod is 2, but provided ratio is 3.000000")]
    [InlineData("Pod", "ratio=cpu:2", "limits=cpu:3", "cpu max limit to request ratio per Pod is 2, but no request is specified or request is 0")]
    [InlineData("Container", "max=cpu:1", "limits=cpu:1", "")]
    public async Task Limit_range_refuses_in_upstreams_words(string type, string bounds, string resources, string message)
    {
        var (range, given) = (Parse(bounds), Parse(resources));
        _objects.Put(new LimitRange { Metadata = new() { Name = "l", Namespace = "default" }, Spec = new() { Limits = [new() { Type = type, Min = range("min"), Max = range("max"), MaxLimitRequestRatio = range("ratio") }] } });
        var request = Admissions.Of<Pod>(AdmissionOperation.Create, _objects, Pod);
        request.Object!["spec"]!["containers"]![0]!["resources"] = new System.Text.Json.Nodes.JsonObject { ["requests"] = Tree(given("requests")), ["limits"] = Tree(given("limits")) };
        var refusal = await Record.ExceptionAsync(() => new LimitRanger().ValidateAsync(request, default).AsTask());
        Assert.Equal(message.Length == 0 ? null : $"pods \"web\" is forbidden: {message}", refusal?.Message);

        static System.Text.Json.Nodes.JsonObject Tree(IReadOnlyDictionary<string, Quantity> values) =>
            new(values.Select(v => KeyValuePair.Create<string, System.Text.Json.Nodes.JsonNode?>(v.Key, v.Value.ToString())));
        static Func<string, IReadOnlyDictionary<string, Quantity>> Parse(string text)
        {
            var parts = text.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=', ':')).ToDictionary(p => p[0], p => (IReadOnlyDictionary<string, Quantity>)new Dictionary<string, Quantity> { [p[1]] = Quantity.Parse(p[2]) });
            return key => parts.TryGetValue(key, out var found) ? found : new Dictionary<string, Quantity>();
        }
    }

    [Fact]
    public async Task A_claim_that_is_going_is_out_of_every_bound()
    {
        _objects.Put(new LimitRange { Metadata = new() { Name = "l", Namespace = "default" }, Spec = new() { Limits = [new() { Type = "PersistentVolumeClaim", Max = new Dictionary<string, Quantity> { ["storage"] = Quantity.Parse("1Gi") } }] } });
        const string Claim = """{"metadata":{"name":"c","namespace":"default"},"spec":{"resources":{"requests":{"storage":"2Gi"}}}}""";
        var refused = Admissions.Of<PersistentVolumeClaim>(AdmissionOperation.Update, _objects, Claim, Claim);
        Assert.Equal(
            "persistentvolumeclaims \"c\" is forbidden: maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 2Gi",
            (await Assert.ThrowsAsync<StatusException>(() => new LimitRanger().ValidateAsync(refused, default).AsTask())).Message);
        var going = Admissions.Of<PersistentVolumeClaim>(AdmissionOperation.Update, _objects, Claim, """{"metadata":{"name":"c","namespace":"default","deletionTimestamp":"2026-01-01T00:00:00Z"}}""");
        await new LimitRanger().ValidateAsync(going, default);
    }

    private static string Csr(string name)
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var pem = new System.Security.Cryptography.X509Certificates.CertificateRequest($"CN={name},O=system:nodes", key, System.Security.Cryptography.HashAlgorithmName.SHA256).CreateSigningRequestPem();
        return $$$"""{"metadata":{"name":"r"},"spec":{"signerName":"kubernetes.io/kubelet-serving","request":"{{{Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(pem))}}}"}}""";
    }

    private static Task Mutate(IMutatingAdmission plugin, AdmissionRequest request) => plugin.MutateAsync(request, default).AsTask();

    private sealed class Granting(Func<Kobune.ApiServer.Requests.RequestInfo, bool> grants) : IAuthorizer
    {
        public ValueTask<AuthorizationResult> AuthorizeAsync(UserInfo user, Kobune.ApiServer.Requests.RequestInfo request, CancellationToken ct) =>
            new(grants(request) ? new AuthorizationResult(Decision.Allow, "") : AuthorizationResult.None);
    }
}
