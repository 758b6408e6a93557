namespace Kobune.ApiServer.Tests.Conformance;

/// <summary>A sample of each built-in kind that is kept and served without being asked for.</summary>
internal static class Samples
{
    public static IReadOnlyList<Sample> All { get; } =
    [
        new("", "v1", "configmaps", "ConfigMap", true, """{"data":{"a":"b"}}"""),
        new("", "v1", "endpoints", "Endpoints", true, """{"subsets":[{"addresses":[{"ip":"10.1.2.3"}],"ports":[{"name":"h","port":80}]}]}"""),
        new("", "v1", "events", "Event", true, """{"involvedObject":{"kind":"Pod","name":"x","namespace":"default"},"reason":"Test","type":"Normal","message":"m","source":{"component":"c"}}"""),
        new("", "v1", "limitranges", "LimitRange", true, """{"spec":{"limits":[{"type":"Container","max":{"cpu":"1"}}]}}"""),
        new("", "v1", "namespaces", "Namespace", false, """{}""", """{"conditions":[{"type":"StatusUpdate","status":"True","reason":"E2E","message":"Set from e2e test","lastTransitionTime":"2024-01-01T00:00:00Z"}]}"""),
        new("", "v1", "nodes", "Node", false, """{}""", """{"conditions":[{"type":"StatusUpdate","status":"True"}]}"""),
        new("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", true, """{"spec":{"accessModes":["ReadWriteOnce"],"storageClassName":"x","resources":{"requests":{"storage":"1Gi"}}}}""", """{"conditions":[{"type":"StatusUpdate","status":"True","reason":"E2E","message":"Set from e2e test","lastTransitionTime":"2024-01-01T00:00:00Z"}]}"""),
        new("", "v1", "persistentvolumes", "PersistentVolume", false, """{"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/tmp/x"}}}""", """{"message":"StatusPatched","reason":"E2E"}"""),
        new("", "v1", "pods", "Pod", true, """{"spec":{"containers":[{"name":"c","image":"i"}]}}""", """{"message":"m"}"""),
        new("", "v1", "podtemplates", "PodTemplate", true, """{"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}"""),
        new("", "v1", "replicationcontrollers", "ReplicationController", true, """{"spec":{"replicas":1,"selector":{"a":"b"},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""", """{"replicas":1,"conditions":[{"type":"StatusUpdate","status":"True","reason":"E2E","message":"Set from e2e test","lastTransitionTime":"2024-01-01T00:00:00Z"}]}"""),
        new("", "v1", "resourcequotas", "ResourceQuota", true, """{"spec":{"hard":{"configmaps":"1000"}}}""", """{"hard":{"configmaps":"5"}}"""),
        new("", "v1", "secrets", "Secret", true, """{"data":{"a":"Yg=="}}"""),
        new("", "v1", "serviceaccounts", "ServiceAccount", true, """{}"""),
        new("", "v1", "services", "Service", true, """{"spec":{"ports":[{"port":80}],"selector":{"a":"b"}}}""", """{"conditions":[{"type":"StatusUpdate","status":"True","reason":"E2E","message":"Set from e2e test","lastTransitionTime":"2024-01-01T00:00:00Z"}]}"""),
        new("admissionregistration.k8s.io", "v1", "mutatingadmissionpolicies", "MutatingAdmissionPolicy", false, """{"spec":{"matchConstraints":{"resourceRules":[{"apiGroups":["apps"],"apiVersions":["v1"],"operations":["CREATE"],"resources":["deployments"],"resourceNames":["nope"]}]},"failurePolicy":"Fail","reinvocationPolicy":"Never","mutations":[{"patchType":"ApplyConfiguration","applyConfiguration":{"expression":"Object{metadata: Object.metadata{annotations: {\"a\":\"b\"}}}"}}]}}"""),
        new("admissionregistration.k8s.io", "v1", "mutatingadmissionpolicybindings", "MutatingAdmissionPolicyBinding", false, """{"spec":{"policyName":"nope"}}"""),
        new("admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", false, """{"webhooks":[{"name":"a.example.com","clientConfig":{"url":"https://127.0.0.1:1/x"},"sideEffects":"None","admissionReviewVersions":["v1"],"rules":[{"apiGroups":["nope.example"],"apiVersions":["v1"],"operations":["CREATE"],"resources":["nopes"]}]}]}"""),
        new("admissionregistration.k8s.io", "v1", "validatingadmissionpolicies", "ValidatingAdmissionPolicy", false, """{"spec":{"matchConstraints":{"resourceRules":[{"apiGroups":["apps"],"apiVersions":["v1"],"operations":["CREATE"],"resources":["deployments"],"resourceNames":["nope"]}]},"validations":[{"expression":"object.spec.replicas <= 1"}]}}""", """{"conditions":[{"type":"StatusUpdate","status":"True","reason":"E2E","message":"Set from e2e test","lastTransitionTime":"2024-01-01T00:00:00Z"}]}"""),
        new("admissionregistration.k8s.io", "v1", "validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding", false, """{"spec":{"policyName":"nope","validationActions":["Deny"]}}"""),
        new("admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", false, """{"webhooks":[{"name":"a.example.com","clientConfig":{"url":"https://127.0.0.1:1/x"},"sideEffects":"None","admissionReviewVersions":["v1"],"rules":[{"apiGroups":["nope.example"],"apiVersions":["v1"],"operations":["CREATE"],"resources":["nopes"]}]}]}"""),
        new("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false, """{"spec":{"group":"cf{i}.example.com","scope":"Namespaced","names":{"plural":"foos","kind":"Foo"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]}}""", """{"conditions":[{"type":"StatusUpdate","status":"True","reason":"E2E","message":"Set from e2e test","lastTransitionTime":"2024-01-01T00:00:00Z"}]}""", Names: "foos.cf{i}.example.com"),
        new("apiregistration.k8s.io", "v1", "apiservices", "APIService", false, """{"spec":{"group":"cf{i}.example.com","version":"v1","groupPriorityMinimum":100,"versionPriority":100,"insecureSkipTLSVerify":true,"service":{"name":"x","namespace":"default"}}}""", """{"conditions":[{"type":"StatusUpdate","status":"True","reason":"E2E","message":"Set from e2e test","lastTransitionTime":"2024-01-01T00:00:00Z"}]}""", Names: "v1.cf{i}.example.com"),
        new("apps", "v1", "controllerrevisions", "ControllerRevision", true, """{"revision":1,"data":{"a":1}}"""),
        new("apps", "v1", "daemonsets", "DaemonSet", true, """{"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""", """{"conditions":[{"type":"StatusUpdate","status":"True","reason":"E2E","message":"Set from e2e test","lastTransitionTime":"2024-01-01T00:00:00Z"}]}"""),
        new("apps", "v1", "deployments", "Deployment", true, """{"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""", """{"conditions":[{"type":"StatusUpdate","status":"True","reason":"E2E","message":"Set from e2e test","lastTransitionTime":"2024-01-01T00:00:00Z"}]}"""),
        new("apps", "v1", "replicasets", "ReplicaSet", true, """{"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""", """{"conditions":[{"type":"StatusUpdate","status":"True","reason":"E2E","message":"Set from e2e test","lastTransitionTime":"2024-01-01T00:00:00Z"}]}"""),
        new("apps", "v1", "statefulsets", "StatefulSet", true, """{"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}},"serviceName":"x"}}""", """{"replicas":0,"conditions":[{"type":"StatusUpdate","status":"True","reason":"E2E","message":"Set from e2e test","lastTransitionTime":"2024-01-01T00:00:00Z"}]}"""),
        new("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", true, """{"spec":{"maxReplicas":3,"scaleTargetRef":{"kind":"Deployment","name":"x","apiVersion":"apps/v1"}}}""", """{"currentReplicas":1,"desiredReplicas":1}"""),
        new("batch", "v1", "cronjobs", "CronJob", true, """{"spec":{"schedule":"* * * * *","jobTemplate":{"spec":{"template":{"spec":{"containers":[{"name":"c","image":"i"}],"restartPolicy":"Never"}}}}}}""", """{"lastScheduleTime":"2024-01-01T00:00:00Z"}"""),
        new("batch", "v1", "jobs", "Job", true, """{"spec":{"suspend":true,"template":{"spec":{"containers":[{"name":"c","image":"i"}],"restartPolicy":"Never"}}}}""", """{"conditions":[{"type":"StatusUpdate","status":"True","reason":"E2E","message":"Set from e2e test","lastTransitionTime":"2024-01-01T00:00:00Z"}]}"""),
        new("certificates.k8s.io", "v1", "certificatesigningrequests", "CertificateSigningRequest", false, """{"spec":{"request":"{csr}","signerName":"example.com/x","usages":["client auth"]}}""", """{"conditions":[{"type":"StatusUpdate","status":"True","reason":"E2E","message":"Set from e2e test","lastTransitionTime":"2024-01-01T00:00:00Z"}]}"""),
        new("coordination.k8s.io", "v1", "leases", "Lease", true, """{"spec":{"holderIdentity":"x","leaseDurationSeconds":30}}"""),
        new("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", true, """{"addressType":"IPv4","endpoints":[{"addresses":["10.1.2.3"]}],"ports":[{"port":80}]}"""),
        new("events.k8s.io", "v1", "events", "Event", true, """{"eventTime":"2024-01-01T00:00:00.000000Z","reportingController":"a.b/c","reportingInstance":"x","action":"A","reason":"R","type":"Normal","regarding":{"kind":"Pod","name":"x","namespace":"default"}}"""),
        new("flowcontrol.apiserver.k8s.io", "v1", "flowschemas", "FlowSchema", false, """{"spec":{"matchingPrecedence":10000,"priorityLevelConfiguration":{"name":"nope"},"distinguisherMethod":{"type":"ByUser"},"rules":[{"subjects":[{"kind":"User","user":{"name":"u"}}],"nonResourceRules":[{"verbs":["get"],"nonResourceURLs":["*"]}]}]}}""", """{"conditions":[{"type":"x","status":"True","reason":"E2E","message":"m","lastTransitionTime":"2024-01-01T00:00:00Z"}]}"""),
        new("flowcontrol.apiserver.k8s.io", "v1", "prioritylevelconfigurations", "PriorityLevelConfiguration", false, """{"spec":{"type":"Limited","limited":{"nominalConcurrencyShares":2,"limitResponse":{"type":"Reject"}}}}""", """{"conditions":[{"type":"x","status":"True","reason":"E2E","message":"m","lastTransitionTime":"2024-01-01T00:00:00Z"}]}"""),
        new("networking.k8s.io", "v1", "ingressclasses", "IngressClass", false, """{"spec":{"controller":"example.com/c"}}"""),
        new("networking.k8s.io", "v1", "ingresses", "Ingress", true, """{"spec":{"defaultBackend":{"service":{"name":"x","port":{"number":80}}}}}""", """{"loadBalancer":{"ingress":[{"ip":"169.1.1.1"}]}}"""),
        new("networking.k8s.io", "v1", "ipaddresses", "IPAddress", false, """{"spec":{"parentRef":{"resource":"services","name":"x","namespace":"default"}}}""", Names: "10.99.{i}.7"),
        new("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", true, """{"spec":{"podSelector":{}}}"""),
        new("networking.k8s.io", "v1", "servicecidrs", "ServiceCIDR", false, """{"spec":{"cidrs":["10.{i}.0.0/24"]}}""", """{"conditions":[{"type":"StatusUpdate","status":"True","reason":"E2E","message":"Set from e2e test","lastTransitionTime":"2024-01-01T00:00:00Z"}]}"""),
        new("node.k8s.io", "v1", "runtimeclasses", "RuntimeClass", false, """{"handler":"h"}"""),
        new("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", true, """{"spec":{"minAvailable":1,"selector":{"matchLabels":{"a":"b"}}}}""", """{"disruptionsAllowed":1,"conditions":[{"type":"StatusUpdate","status":"True","reason":"E2E","message":"Set from e2e test","lastTransitionTime":"2024-01-01T00:00:00Z"}]}"""),
        new("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", false, """{"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"x"},"subjects":[{"kind":"User","name":"u","apiGroup":"rbac.authorization.k8s.io"}]}"""),
        new("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", false, """{"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}]}"""),
        new("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", true, """{"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"x"},"subjects":[{"kind":"User","name":"u","apiGroup":"rbac.authorization.k8s.io"}]}"""),
        new("rbac.authorization.k8s.io", "v1", "roles", "Role", true, """{"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}]}"""),
        new("resource.k8s.io", "v1", "deviceclasses", "DeviceClass", false, """{"spec":{"selectors":[{"cel":{"expression":"true"}}]}}"""),
        new("resource.k8s.io", "v1", "resourceclaims", "ResourceClaim", true, """{"spec":{"devices":{"requests":[{"name":"r","exactly":{"deviceClassName":"x"}}]}}}""", """{"allocation":{"devices":{"results":[{"request":"r","driver":"d.example.com","pool":"p","device":"d"}]}}}"""),
        new("resource.k8s.io", "v1", "resourceclaimtemplates", "ResourceClaimTemplate", true, """{"spec":{"spec":{"devices":{"requests":[{"name":"r","exactly":{"deviceClassName":"x"}}]}}}}"""),
        new("resource.k8s.io", "v1", "resourceslices", "ResourceSlice", false, """{"spec":{"driver":"d.example.com","nodeName":"n","pool":{"name":"p","resourceSliceCount":1,"generation":1},"devices":[{"name":"d"}]}}"""),
        new("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", false, """{"value":5}"""),
        new("storage.k8s.io", "v1", "csidrivers", "CSIDriver", false, """{"spec":{}}"""),
        new("storage.k8s.io", "v1", "csinodes", "CSINode", false, """{"spec":{"drivers":[{"name":"d","nodeID":"n"}]}}"""),
        new("storage.k8s.io", "v1", "csistoragecapacities", "CSIStorageCapacity", true, """{"storageClassName":"x","capacity":"1Gi"}"""),
        new("storage.k8s.io", "v1", "storageclasses", "StorageClass", false, """{"provisioner":"p"}"""),
        new("storage.k8s.io", "v1", "volumeattachments", "VolumeAttachment", false, """{"spec":{"attacher":"a","nodeName":"n","source":{"persistentVolumeName":"pv"}}}""", """{"attached":true}"""),
        new("storage.k8s.io", "v1", "volumeattributesclasses", "VolumeAttributesClass", false, """{"driverName":"d","parameters":{"a":"b"}}"""),
    ];

    public static TheoryData<string> Names => [.. All.Select(s => $"{s}")];

    public static TheoryData<string> WithStatus => [.. All.Where(s => s.Status.Length > 0).Select(s => $"{s}")];

    public static Sample Of(string name) => All.Single(s => $"{s}" == name);
}
