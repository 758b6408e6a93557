using System.Globalization;
using Kobune.Api.Schema;

namespace Kobune.ApiServer.Registry;

/// <summary>Facts about a kind that upstream keeps in its strategies and that no schema tells. Source: k8s.io/kubernetes, pkg/registry.</summary>
internal sealed record KindRules
{
    private static readonly string[] Spec = ["spec"];

    private static readonly Dictionary<string, KindRules> Known = new(StringComparer.Ordinal)
    {
        ["pods"] = new()
        {
            Generation = Spec,
            Status = StatusRules.KeepsOwners,
            TriggerField = "spec.nodeName",
            ReturnsDeleted = true,
            Fields = ["spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork", "status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName"],
        },
        ["nodes"] = new() { KeepsStatusOnCreate = true, HidesNamespace = true, Fields = ["spec.unschedulable"] },
        ["namespaces"] = new() { HidesNamespace = true, Fields = ["status.phase"], Name = NameRule.Label },
        ["services"] = new() { ReturnsDeleted = true, AllowCreateOnUpdate = true, Fields = ["spec.clusterIP", "spec.type"], Name = NameRule.Service },
        ["secrets"] = new() { Fields = ["type"] },
        ["endpoints"] = new() { AllowCreateOnUpdate = true },
        ["limitranges"] = new() { AllowCreateOnUpdate = true },
        ["podtemplates"] = new() { ReturnsDeleted = true, Generation = ["template"] },
        ["persistentvolumes"] = new() { ReturnsDeleted = true, Fields = ["name"] },
        ["persistentvolumeclaims"] = new() { ReturnsDeleted = true, Fields = ["name"] },
        ["resourcequotas"] = new() { ReturnsDeleted = true },
        ["serviceaccounts"] = new() { ReturnsDeleted = true },
        ["replicationcontrollers"] = new() { Generation = Spec, Fields = ["status.replicas"], DefaultDeletion = DeletionDefault.Orphan },
        ["events"] = new()
        {
            AllowCreateOnUpdate = true,
            IsRelaxed = true,
            TimeToLive = TimeSpan.FromHours(1),
            Name = NameRule.PathSegment, // the newer group asks for more
            Fields =
            [
                "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath",
                "reason", "reportingComponent", "source", "type",
                "regarding.kind", "regarding.namespace", "regarding.name", "regarding.uid", "regarding.apiVersion", "regarding.resourceVersion", "regarding.fieldPath", "reportingController",
            ],
        },
        ["leases.coordination.k8s.io"] = new() { AllowCreateOnUpdate = true, AllowUnconditionalUpdate = false, IsRelaxed = true },
        ["leasecandidates.coordination.k8s.io"] = new() { AllowCreateOnUpdate = true, AllowUnconditionalUpdate = false, Name = NameRule.Key },
        ["deployments.apps"] = new() { Generation = Spec, CountsAnnotations = true, Status = StatusRules.KeepsLabels },
        ["daemonsets.apps"] = new() { Generation = Spec },
        ["statefulsets.apps"] = new() { Generation = Spec, Name = NameRule.Label },
        ["replicasets.apps"] = new() { Generation = Spec },
        ["jobs.batch"] = new()
        {
            Generation = Spec,
            Fields = ["status.successful"],
            FieldProblem = "field label \"{0}\" not supported for batchv1.Job",
            DefaultDeletion = DeletionDefault.Orphan,
            DefaultDeletionWarning = "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning",
        },
        ["cronjobs.batch"] = new() { Generation = Spec },
        ["poddisruptionbudgets.policy"] = new() { Generation = Spec, AllowUnconditionalUpdate = false, Name = NameRule.PathSegment },
        ["ingresses.networking.k8s.io"] = new() { Generation = Spec },
        ["networkpolicies.networking.k8s.io"] = new() { Generation = Spec },
        ["ingressclasses.networking.k8s.io"] = new() { Generation = Spec },
        ["ipaddresses.networking.k8s.io"] = new() { Fields = ["spec.parentRef.name", "spec.parentRef.namespace", "spec.parentRef.resource", "spec.parentRef.group"], Name = NameRule.PathSegment },
        ["servicecidrs.networking.k8s.io"] = new() { KeepsStatusOnCreate = true, WritesStatus = true, Status = StatusRules.NothingReset },
        ["runtimeclasses.node.k8s.io"] = new() { AllowCreateOnUpdate = true, AllowUnconditionalUpdate = false },
        ["endpointslices.discovery.k8s.io"] = new() { Generation = ["endpoints", "ports", "addressType"], Name = NameRule.Subdomain },
        ["certificatesigningrequests.certificates.k8s.io"] = new() { HidesNamespace = true, Fields = ["spec.signerName"], Status = StatusRules.ConditionsUnowned, Name = NameRule.PathSegment },
        ["clustertrustbundles.certificates.k8s.io"] = new() { Fields = ["spec.signerName"], AllowUnconditionalUpdate = false, Name = NameRule.PathSegment },
        ["podcertificaterequests.certificates.k8s.io"] = new() { Fields = ["spec.signerName", "spec.podName", "spec.nodeName"], AllowUnconditionalUpdate = false, Status = StatusRules.StatusAloneButOwned },
        ["storageversionmigrations.storagemigration.k8s.io"] = new() { AllowUnconditionalUpdate = false, Status = StatusRules.StatusAlone },
        ["clusterroles.rbac.authorization.k8s.io"] = new() { AllowCreateOnUpdate = true, Name = NameRule.PathSegment },
        ["clusterrolebindings.rbac.authorization.k8s.io"] = new() { AllowCreateOnUpdate = true, Name = NameRule.PathSegment },
        ["roles.rbac.authorization.k8s.io"] = new() { AllowCreateOnUpdate = true, Name = NameRule.PathSegment },
        ["rolebindings.rbac.authorization.k8s.io"] = new() { AllowCreateOnUpdate = true, Name = NameRule.PathSegment },
        ["priorityclasses.scheduling.k8s.io"] = new() { Generation = [] },
        ["storageclasses.storage.k8s.io"] = new() { ReturnsDeleted = true },
        ["volumeattachments.storage.k8s.io"] = new() { ReturnsDeleted = true, AllowUnconditionalUpdate = false, Status = StatusRules.StatusAlone },
        ["csinodes.storage.k8s.io"] = new() { ReturnsDeleted = true, AllowUnconditionalUpdate = false },
        ["csidrivers.storage.k8s.io"] = new() { ReturnsDeleted = true, AllowUnconditionalUpdate = false, Generation = Spec },
        ["csistoragecapacities.storage.k8s.io"] = new() { ReturnsDeleted = true, AllowUnconditionalUpdate = false },
        ["volumeattributesclasses.storage.k8s.io"] = new() { ReturnsDeleted = true },
        ["deviceclasses.resource.k8s.io"] = new() { ReturnsDeleted = true, Generation = Spec },
        ["resourceclaims.resource.k8s.io"] = new() { ReturnsDeleted = true, Status = StatusRules.StatusAloneButOwned },
        ["resourceclaimtemplates.resource.k8s.io"] = new() { ReturnsDeleted = true },
        ["devicetaintrules.resource.k8s.io"] = new() { ReturnsDeleted = true, Generation = Spec, Status = StatusRules.StatusAlone },
        ["resourceslices.resource.k8s.io"] = new() { ReturnsDeleted = true, Generation = Spec, Fields = ["spec.nodeName", "spec.driver"], TriggerField = "spec.nodeName" },
        ["customresourcedefinitions.apiextensions.k8s.io"] = new() { Generation = Spec, AllowUnconditionalUpdate = false, Status = StatusRules.MetadataUnowned },
        ["apiservices.apiregistration.k8s.io"] = new() { AllowUnconditionalUpdate = false, Status = StatusRules.NothingReset, Name = NameRule.PathSegment },
        ["flowschemas.flowcontrol.apiserver.k8s.io"] = new() { Generation = Spec, Status = StatusRules.StatusAlone },
        ["prioritylevelconfigurations.flowcontrol.apiserver.k8s.io"] = new() { Generation = Spec, Status = StatusRules.StatusAlone },
        ["mutatingwebhookconfigurations.admissionregistration.k8s.io"] = new() { Generation = ["webhooks"], AllowUnconditionalUpdate = false },
        ["validatingwebhookconfigurations.admissionregistration.k8s.io"] = new() { Generation = ["webhooks"], AllowUnconditionalUpdate = false },
        ["validatingadmissionpolicies.admissionregistration.k8s.io"] = new() { Generation = Spec, AllowUnconditionalUpdate = false, Status = StatusRules.StatusAlone },
        ["validatingadmissionpolicybindings.admissionregistration.k8s.io"] = new() { Generation = Spec, AllowUnconditionalUpdate = false },
        ["mutatingadmissionpolicies.admissionregistration.k8s.io"] = new() { Generation = Spec, AllowUnconditionalUpdate = false },
        ["mutatingadmissionpolicybindings.admissionregistration.k8s.io"] = new() { Generation = Spec, AllowUnconditionalUpdate = false },
    };

    /// <summary>Fields whose change counts the generation up; null for kinds without a generation, empty for those that keep 1.</summary>
    public IReadOnlyList<string>? Generation { get; init; }

    /// <summary>Annotations count the generation up too (deployments, whose replica sets have them).</summary>
    public bool CountsAnnotations { get; init; }

    /// <summary>Everything but metadata and status counts the generation up (custom objects).</summary>
    public bool CountsEverything { get; init; }

    /// <summary>The field that watchers are indexed by.</summary>
    public string? TriggerField { get; init; }

    /// <summary>Field selectors beside metadata.name and metadata.namespace.</summary>
    public IReadOnlyList<string> Fields { get; init; } = [];

    /// <summary>What upstream says of other fields, {0}; null for what it says of most kinds.</summary>
    public string? FieldProblem { get; init; }

    /// <summary>Selectors may not name the namespace that these objects do not have.</summary>
    public bool HidesNamespace { get; init; }

    /// <summary>A delete answers with the object instead of a Status.</summary>
    public bool ReturnsDeleted { get; init; }

    /// <summary>PUT makes what is not there.</summary>
    public bool AllowCreateOnUpdate { get; init; }

    /// <summary>PUT without resourceVersion overwrites.</summary>
    public bool AllowUnconditionalUpdate { get; init; } = true;

    /// <summary>Commits need not wait for the disk.</summary>
    public bool IsRelaxed { get; init; }

    /// <summary>After which objects expire.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>Status sent with a create is kept (kubelets register nodes with it).</summary>
    public bool KeepsStatusOnCreate { get; init; }

    /// <summary>An update of the object writes the status as well (ServiceCIDRs, where upstream resets nothing).</summary>
    public bool WritesStatus { get; init; }

    /// <summary>What the status endpoint leaves as it is.</summary>
    public StatusRules Status { get; init; } = StatusRules.Open;

    /// <summary>What happens to dependents when a delete does not say.</summary>
    public DeletionDefault DefaultDeletion { get; init; }

    /// <summary>What a client is told that deletes without saying what becomes of dependents; null for nothing.</summary>
    public string? DefaultDeletionWarning { get; init; }

    /// <summary>Form of names.</summary>
    public NameRule Name { get; init; }

    public static KindRules Of(ResourceSchema schema) =>
        Known.GetValueOrDefault(schema.Group.Length == 0 ? schema.Plural : $"{schema.Plural}.{schema.Group}") ?? new KindRules();

    /// <summary>Why selectors may not name a field; null when they may. Kinds without fields of their own have upstream's general words.</summary>
    public string? ProblemOf(string field)
    {
        if (field == "metadata.name" || Fields.Contains(field) || (field == "metadata.namespace" && !HidesNamespace))
        {
            return null;
        }

        return FieldProblem is { } problem ? string.Format(CultureInfo.InvariantCulture, problem, field)
            : Fields.Count > 0 ? NotSelectable(field)
            : $"\"{field}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"";
    }

    public static string NotSelectable(string field) => $"field label not supported: {field}";
}

/// <summary>What a delete without propagation policy does to dependents.</summary>
internal enum DeletionDefault
{
    /// <summary>The garbage collector removes them.</summary>
    Background,

    /// <summary>They stay (upstream's oldest kinds).</summary>
    Orphan,
}

/// <summary>Form of a kind's names.</summary>
internal enum NameRule
{
    /// <summary>DNS-1123 subdomain.</summary>
    Subdomain,

    /// <summary>DNS-1123 label.</summary>
    Label,

    /// <summary>DNS-1123 label, or with the feature RelaxedServiceNameValidation off a DNS-1035 label.</summary>
    Service,

    /// <summary>Anything that fits a path segment.</summary>
    PathSegment,

    /// <summary>What fits a key of a ConfigMap.</summary>
    Key,
}
