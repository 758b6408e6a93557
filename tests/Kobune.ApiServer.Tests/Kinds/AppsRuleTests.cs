using static Kobune.ApiServer.Tests.Kinds.Strategies;

namespace Kobune.ApiServer.Tests.Kinds;

/// <summary>Deployments, sets and replication controllers with the whole Status that refuses them.</summary>
public class AppsRuleTests
{
    private const string Template = """{"metadata":{"labels":{"app":"a"}},"spec":{"containers":[{"name":"c","image":"i:1"}]}}""";
    private const string Set = """{"metadata":{"name":"a"},"spec":{"selector":{"matchLabels":{"app":"a"}},"template":""" + Template + "}}";
    private const string Controller = """{"metadata":{"name":"a"},"spec":{"selector":{"app":"a"},"template":""" + Template + "}}";
    private const string Claims = """[{"metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}]""";
    private const string NoMatch = "FieldValueInvalid spec.template.metadata.labels: Invalid value: {\"app\":\"a\"}: `selector` does not match template `labels`";
    private const string Percent = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
    private const string Negative = "must be greater than or equal to 0";

    [Theory]
    [InlineData("spec.replicas", "-1", "FieldValueInvalid spec.replicas: Invalid value: -1: " + Negative)]
    [InlineData("spec.selector", "-", "FieldValueRequired spec.selector: Required value\n" + NoMatch)]
    [InlineData("spec.selector", "{}", "FieldValueInvalid spec.selector: Invalid value: {}: empty selector is invalid for deployment")]
    [InlineData("spec.selector", """{"matchExpressions":[{"key":"a","operator":"Near"}]}""", "FieldValueInvalid spec.selector.matchExpressions[0].operator: Invalid value: \"Near\": not a valid selector operator\nFieldValueInvalid spec.selector: Invalid value: {\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"Near\"}]}: invalid label selector")]
    [InlineData("spec.selector", """{"matchLabels":{"app":"b"}}""", NoMatch)]
    [InlineData("spec.template.metadata", "{}", "FieldValueInvalid spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`")]
    [InlineData("spec.template.metadata.annotations", """{"a b":"c"}""", "FieldValueInvalid spec.template.annotations: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')")]
    [InlineData("spec.template.spec.restartPolicy", "\"Never\"", "FieldValueNotSupported spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: \"Always\"")]
    [InlineData("spec.template.spec.activeDeadlineSeconds", "5", "FieldValueForbidden spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported")]
    [InlineData("spec.strategy", """{"type":"Some"}""", "FieldValueNotSupported spec.strategy: Unsupported value: {\"Type\":\"Some\",\"RollingUpdate\":null}: supported values: \"Recreate\", \"RollingUpdate\"")]
    [InlineData("spec.strategy", """{"type":"Recreate","rollingUpdate":{"maxSurge":1}}""", "FieldValueForbidden spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'")]
    [InlineData("spec.strategy", """{"rollingUpdate":{"maxSurge":-1,"maxUnavailable":-2}}""", "FieldValueInvalid spec.strategy.rollingUpdate.maxUnavailable: Invalid value: -2: " + Negative + "\nFieldValueInvalid spec.strategy.rollingUpdate.maxSurge: Invalid value: -1: " + Negative)]
    [InlineData("spec.strategy", """{"rollingUpdate":{"maxSurge":"a"}}""", "FieldValueInvalid spec.strategy.rollingUpdate.maxSurge: Invalid value: \"a\": " + Percent)]
    [InlineData("spec.strategy", """{"rollingUpdate":{"maxSurge":"0%","maxUnavailable":0}}""", "FieldValueInvalid spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0")]
    [InlineData("spec.strategy", """{"rollingUpdate":{"maxUnavailable":"101%"}}""", "FieldValueInvalid spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"101%\": must not be greater than 100%")]
    [InlineData("spec.minReadySeconds", "-1", "FieldValueInvalid spec.minReadySeconds: Invalid value: -1: " + Negative)]
    [InlineData("spec.revisionHistoryLimit", "-1", "FieldValueInvalid spec.revisionHistoryLimit: Invalid value: -1: " + Negative)]
    [InlineData("spec.progressDeadlineSeconds", "-1", "FieldValueInvalid spec.progressDeadlineSeconds: Invalid value: -1: " + Negative + "\nFieldValueInvalid spec.progressDeadlineSeconds: Invalid value: -1: must be greater than minReadySeconds")]
    [InlineData("spec.progressDeadlineSeconds", "0", "FieldValueInvalid spec.progressDeadlineSeconds: Invalid value: 0: must be greater than minReadySeconds")]
    public void A_deployment_is_refused(string path, string value, string problems) =>
        Assert.Equal(Status("deployments.apps", "Deployment", "a", problems), RefusedCreate("deployments.apps", "Deployment", With(Set, path, value)));

    [Theory]
    [InlineData("spec.podManagementPolicy", "\"Some\"", "FieldValueInvalid spec.podManagementPolicy: Invalid value: \"Some\": must be 'OrderedReady' or 'Parallel'")]
    [InlineData("spec.updateStrategy", """{"type":"OnDelete","rollingUpdate":{"partition":1}}""", "FieldValueInvalid spec.updateStrategy.rollingUpdate: Invalid value: {\"Partition\":1,\"MaxUnavailable\":null}: only allowed for updateStrategy 'RollingUpdate'")]
    [InlineData("spec.updateStrategy", """{"rollingUpdate":{"partition":-1}}""", "FieldValueInvalid spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: " + Negative)]
    [InlineData("spec.persistentVolumeClaimRetentionPolicy", """{"whenDeleted":"Some"}""", "FieldValueNotSupported spec.persistentVolumeClaimRetentionPolicy.whenDeleted: Unsupported value: \"Some\": supported values: \"Retain\", \"Delete\"")]
    [InlineData("spec.replicas", "-1", "FieldValueInvalid spec.replicas: Invalid value: -1: " + Negative)]
    [InlineData("spec.minReadySeconds", "-1", "FieldValueInvalid spec.minReadySeconds: Invalid value: -1: " + Negative)]
    [InlineData("spec.ordinals", """{"start":-1}""", "FieldValueInvalid spec.ordinals.start: Invalid value: -1: " + Negative)]
    [InlineData("spec.selector", "{}", "FieldValueInvalid spec.selector: Invalid value: {}: empty selector is invalid for statefulset")]
    [InlineData("spec.selector", """{"matchLabels":{"app":"b"}}""", NoMatch)]
    [InlineData("spec.template.spec.activeDeadlineSeconds", "5", "FieldValueForbidden spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in StatefulSet is not Supported")]
    [InlineData("spec.template.spec.containers.0.volumeMounts", """[{"name":"data","mountPath":"/a"}]""", "FieldValueNotFound spec.template.spec.containers[0].volumeMounts[0].name: Not found: \"data\"")]
    [InlineData("spec.volumeClaimTemplates", """[{"metadata":{"name":"data"},"spec":{"resources":{"requests":{"storage":"1Gi"}}}}]""", "FieldValueRequired spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required")]
    public void A_stateful_set_is_refused(string path, string value, string problems) =>
        Assert.Equal(Status("statefulsets.apps", "StatefulSet", "a", problems), RefusedCreate("statefulsets.apps", "StatefulSet", With(Set, path, value)));

    [Fact]
    public void Containers_mount_what_a_stateful_set_claims()
    {
        var set = With(With(Set, "spec.volumeClaimTemplates", Claims), "spec.template.spec.containers.0.volumeMounts", """[{"name":"data","mountPath":"/a"}]""");
        Assert.Equal("", Create("statefulsets.apps", set));
        Assert.Equal("", Create("statefulsets.apps", With(set, "spec.template.spec.volumes", """[{"name":"data","emptyDir":{}}]"""))); // the claim wins
    }

    [Theory]
    [InlineData("spec.template.spec.containers.0.volumeMounts", """[{"name":"data","mountPath":"/a"}]""")]
    [InlineData("spec.volumeClaimTemplates", """[{"metadata":{"name":"data"},"spec":{}}]""")]
    [InlineData("spec.serviceName", "\"A.b\"")]
    public void A_stateful_set_from_before_a_rule_stays_changeable(string path, string value)
    {
        var set = With(Set, path, value);
        Assert.NotEqual("", Create("statefulsets.apps", set));
        Assert.Equal("", Update("statefulsets.apps", set, With(set, "spec.replicas", "3")));
    }

    [Theory]
    [InlineData("spec.selector", "-", NoMatch)]
    [InlineData("spec.selector", "{}", "FieldValueInvalid spec.selector: Invalid value: {}: empty selector is invalid for daemonset")]
    [InlineData("spec.template.spec.activeDeadlineSeconds", "5", "FieldValueForbidden spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported")]
    [InlineData("spec.minReadySeconds", "-1", "FieldValueInvalid spec.minReadySeconds: Invalid value: -1: " + Negative)]
    [InlineData("spec.updateStrategy", """{"type":"Some"}""", "FieldValueNotSupported spec.updateStrategy: Unsupported value: {\"Type\":\"Some\",\"RollingUpdate\":null}: supported values: \"RollingUpdate\", \"OnDelete\"")]
    [InlineData("spec.updateStrategy", """{"rollingUpdate":{"maxUnavailable":0}}""", "FieldValueRequired spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0")]
    [InlineData("spec.updateStrategy", """{"rollingUpdate":{"maxUnavailable":"200%","maxSurge":"150%"}}""", "FieldValueInvalid spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: \"200%\": must not be greater than 100%\nFieldValueInvalid spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: \"150%\": must not be greater than 100%\nFieldValueInvalid spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: \"150%\": may not be set when maxUnavailable is non-zero")]
    [InlineData("spec.revisionHistoryLimit", "-1", "FieldValueInvalid spec.revisionHistoryLimit: Invalid value: -1: " + Negative)]
    public void A_daemon_set_is_refused(string path, string value, string problems) =>
        Assert.Equal(Status("daemonsets.apps", "DaemonSet", "a", problems), RefusedCreate("daemonsets.apps", "DaemonSet", With(Set, path, value)));

    [Theory]
    [InlineData("spec.minReadySeconds", "-1", "FieldValueInvalid spec.minReadySeconds: Invalid value: -1: " + Negative)]
    [InlineData("spec.replicas", "-1", "FieldValueInvalid spec.replicas: Invalid value: -1: " + Negative)]
    [InlineData("spec.selector", """{"app":"b"}""", NoMatch)]
    [InlineData("spec.template", "-", "FieldValueRequired spec.template: Required value")]
    [InlineData("spec.template.spec.restartPolicy", "\"Never\"", "FieldValueNotSupported spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: \"Always\"")]
    [InlineData("spec.template.spec.activeDeadlineSeconds", "5", "FieldValueForbidden spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicationController is not Supported")]
    public void A_replication_controller_is_refused(string path, string value, string problems) =>
        Assert.Equal(Status("replicationcontrollers", "ReplicationController", "a", problems), RefusedCreate("replicationcontrollers", "ReplicationController", With(Controller, path, value)));

    [Theory]
    [InlineData("deployments.apps", "Deployment", 1)]
    [InlineData("replicasets.apps", "ReplicaSet", 2)]
    [InlineData("daemonsets.apps", "DaemonSet", 2)]
    public void A_change_is_told_as_often_as_upstream_looks(string resource, string kind, int times)
    {
        var actual = RefusedUpdate(resource, kind, Set, With(Set, "spec.minReadySeconds", "-1"));
        Assert.Equal(times, actual.Split("\"field\":\"spec.minReadySeconds\"").Length - 1);
        Assert.Contains($"\"message\":\"{kind}.apps \\\"a\\\" is invalid: spec.minReadySeconds: Invalid value: -1: {Negative}\"", actual, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("deployments.apps", "Deployment", """{"replicas":-1}""", "FieldValueInvalid status.replicas: Invalid value: -1: " + Negative + "\nFieldValueInvalid status.updatedReplicas: Invalid value: 0: cannot be greater than status.replicas\nFieldValueInvalid status.readyReplicas: Invalid value: 0: cannot be greater than status.replicas\nFieldValueInvalid status.availableReplicas: Invalid value: 0: cannot be greater than status.replicas")]
    [InlineData("deployments.apps", "Deployment", """{"replicas":2,"availableReplicas":1,"collisionCount":-1}""", "FieldValueInvalid status.collisionCount: Invalid value: -1: " + Negative + "\nFieldValueInvalid status.availableReplicas: Invalid value: 1: cannot be greater than readyReplicas")]
    [InlineData("replicasets.apps", "ReplicaSet", """{"replicas":1,"fullyLabeledReplicas":2,"observedGeneration":-1}""", "FieldValueInvalid status.observedGeneration: Invalid value: -1: " + Negative + "\nFieldValueInvalid status.fullyLabeledReplicas: Invalid value: 2: cannot be greater than status.replicas")]
    [InlineData("replicationcontrollers", "ReplicationController", """{"replicas":1,"readyReplicas":2,"availableReplicas":1}""", "FieldValueInvalid status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas")]
    [InlineData("statefulsets.apps", "StatefulSet", """{"replicas":1,"currentReplicas":2,"updatedReplicas":-1,"availableReplicas":1}""", "FieldValueInvalid status.updatedReplicas: Invalid value: -1: " + Negative + "\nFieldValueInvalid status.currentReplicas: Invalid value: 2: cannot be greater than status.replicas\nFieldValueInvalid status.availableReplicas: Invalid value: 1: cannot be greater than status.readyReplicas")]
    [InlineData("daemonsets.apps", "DaemonSet", """{"currentNumberScheduled":-1,"numberMisscheduled":-2,"desiredNumberScheduled":-3,"numberReady":-4,"numberUnavailable":-5}""", "FieldValueInvalid status.currentNumberScheduled: Invalid value: -1: " + Negative + "\nFieldValueInvalid status.numberMisscheduled: Invalid value: -2: " + Negative + "\nFieldValueInvalid status.desiredNumberScheduled: Invalid value: -3: " + Negative + "\nFieldValueInvalid status.numberReady: Invalid value: -4: " + Negative + "\nFieldValueInvalid status.numberUnavailable: Invalid value: -5: " + Negative)]
    public void A_status_is_refused(string resource, string kind, string status, string problems)
    {
        var set = resource == "replicationcontrollers" ? Controller : Set;
        Assert.Equal(Status(resource, kind, "a", problems), RefusedUpdate(resource, kind, set, With(set, "status", status), "status"));
    }

    [Theory]
    [InlineData("deployments.apps", "Deployment")]
    [InlineData("daemonsets.apps", "DaemonSet")]
    [InlineData("statefulsets.apps", "StatefulSet")]
    public void Collisions_are_never_forgotten(string resource, string kind)
    {
        var before = With(Set, "status", """{"collisionCount":2}""");
        Assert.Equal(Status(resource, kind, "a", "FieldValueInvalid status.collisionCount: Invalid value: 0: cannot be decremented"), RefusedUpdate(resource, kind, before, Set, "status"));
        Assert.Equal("", Update(resource, before, With(Set, "status", """{"collisionCount":3}"""), "status"));
    }
}
