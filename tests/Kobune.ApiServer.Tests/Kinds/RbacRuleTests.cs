using static Kobune.ApiServer.Tests.Kinds.Strategies;

namespace Kobune.ApiServer.Tests.Kinds;

/// <summary>Roles and bindings with the whole Status that refuses them.</summary>
public class RbacRuleTests
{
    private const string Group = ".rbac.authorization.k8s.io";
    private const string Role = """{"metadata":{"name":"r"},"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}]}""";
    private const string Binding = """{"metadata":{"name":"b"},"roleRef":{"kind":"ClusterRole","name":"r"},"subjects":[{"kind":"User","name":"u"}]}""";
    private const string Own = "rbac.authorization.k8s.io";

    [Theory]
    [InlineData("rules.0.verbs", "[]", "FieldValueRequired rules[0].verbs: Required value: verbs must contain at least one value")]
    [InlineData("rules.0.apiGroups", "[]", "FieldValueRequired rules[0].apiGroups: Required value: resource rules must supply at least one api group")]
    [InlineData("rules.0.resources", "[]", "FieldValueRequired rules[0].resources: Required value: resource rules must supply at least one resource")]
    [InlineData("rules.0", """{"verbs":["get"],"nonResourceURLs":["/a"]}""", "FieldValueInvalid rules[0].nonResourceURLs: Invalid value: [\"/a\"]: namespaced rules cannot apply to non-resource URLs")]
    public void A_role_is_refused(string path, string value, string problems) =>
        Assert.Equal(Status("roles" + Group, "Role", "r", problems), RefusedCreate("roles" + Group, "Role", With(Role, path, value)));

    [Theory]
    [InlineData("rules.0.nonResourceURLs", """["/a"]""", "FieldValueInvalid rules[0].nonResourceURLs: Invalid value: [\"/a\"]: rules cannot apply to both regular resources and non-resource URLs")]
    [InlineData("aggregationRule", "{}", "FieldValueRequired aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil")]
    [InlineData("aggregationRule", """{"clusterRoleSelectors":[{"matchExpressions":[{"key":"a","operator":"Near"}]}]}""", "FieldValueInvalid aggregationRule.clusterRoleSelectors[0].matchExpressions[0].operator: Invalid value: \"Near\": not a valid selector operator\nFieldValueInvalid aggregationRule.clusterRoleSelectors[0]: Invalid value: null: invalid label selector.")]
    public void A_cluster_role_is_refused(string path, string value, string problems) =>
        Assert.Equal(Status("clusterroles" + Group, "ClusterRole", "r", problems), RefusedCreate("clusterroles" + Group, "ClusterRole", With(Role, path, value)));

    [Theory]
    [InlineData("roleRef.apiGroup", "\"x\"", "FieldValueNotSupported roleRef.apiGroup: Unsupported value: \"x\": supported values: \"" + Own + "\"")]
    [InlineData("roleRef.kind", "\"Some\"", "FieldValueNotSupported roleRef.kind: Unsupported value: \"Some\": supported values: \"Role\", \"ClusterRole\"")]
    [InlineData("roleRef.name", "\"\"", "FieldValueRequired roleRef.name: Required value")]
    [InlineData("roleRef.name", "\"a%b\"", "FieldValueInvalid roleRef.name: Invalid value: \"a%b\": may not contain '%'")]
    [InlineData("subjects.0.name", "\"\"", "FieldValueRequired subjects[0].name: Required value")]
    [InlineData("subjects.0.kind", "\"Some\"", "FieldValueNotSupported subjects[0].kind: Unsupported value: \"Some\": supported values: \"ServiceAccount\", \"User\", \"Group\"")]
    [InlineData("subjects.0", """{"kind":"User","name":"u","apiGroup":"x"}""", "FieldValueNotSupported subjects[0].apiGroup: Unsupported value: \"x\": supported values: \"" + Own + "\"")]
    [InlineData("subjects.0", """{"kind":"ServiceAccount","name":"u","apiGroup":"x"}""", "FieldValueNotSupported subjects[0].apiGroup: Unsupported value: \"x\": supported values: \"\"")]
    public void A_binding_is_refused(string path, string value, string problems) =>
        Assert.Equal(Status("rolebindings" + Group, "RoleBinding", "b", problems), RefusedCreate("rolebindings" + Group, "RoleBinding", With(Binding, path, value)));

    [Theory]
    [InlineData("roleRef.kind", "\"Role\"", "FieldValueNotSupported roleRef.kind: Unsupported value: \"Role\": supported values: \"ClusterRole\"")]
    [InlineData("subjects.0", """{"kind":"ServiceAccount","name":"u"}""", "FieldValueRequired subjects[0].namespace: Required value")]
    public void A_cluster_binding_is_refused(string path, string value, string problems) =>
        Assert.Equal(Status("clusterrolebindings" + Group, "ClusterRoleBinding", "b", problems), RefusedCreate("clusterrolebindings" + Group, "ClusterRoleBinding", With(Binding, path, value)));

    [Theory]
    [InlineData("rolebindings", "RoleBinding")]
    [InlineData("clusterrolebindings", "ClusterRoleBinding")]
    public void A_binding_keeps_its_role(string resource, string kind) => Assert.Equal(
        Status(resource + Group, kind, "b", "FieldValueInvalid roleRef: Invalid value: {\"APIGroup\":\"" + Own + "\",\"Kind\":\"ClusterRole\",\"Name\":\"other\"}: cannot change roleRef"),
        RefusedUpdate(resource + Group, kind, Binding, With(Binding, "roleRef.name", "\"other\"")));
}
