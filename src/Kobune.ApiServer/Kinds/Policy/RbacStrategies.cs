using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Rbac.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Policy;

/// <summary>Rules shared by the four kinds of role-based access control (pkg/apis/rbac).</summary>
internal static class RbacRules
{
    public const string Group = "rbac.authorization.k8s.io";

    public static void ApplyDefaults(JsonObject binding)
    {
        binding.Child("roleRef")?.DefaultEmpty("apiGroup", Group);
        foreach (var subject in binding.Items("subjects").Where(s => s.Text("kind") is "User" or "Group"))
        {
            subject.DefaultEmpty("apiGroup", Group);
        }
    }

    public static void Rules(IReadOnlyList<PolicyRule> rules, bool isNamespaced, FieldErrors errors)
    {
        for (var i = 0; i < rules.Count; i++)
        {
            Rule(rules[i], isNamespaced, $"rules[{i}]", errors);
        }
    }

    public static void Binding(RoleRef reference, IReadOnlyList<Subject> subjects, bool isNamespaced, FieldErrors errors)
    {
        if (reference.APIGroup != Group)
        {
            errors.NotSupported("roleRef.apiGroup", reference.APIGroup, [Group]);
        }

        if (reference.Kind != "ClusterRole" && !(isNamespaced && reference.Kind == "Role"))
        {
            errors.NotSupported("roleRef.kind", reference.Kind, isNamespaced ? ["Role", "ClusterRole"] : ["ClusterRole"]);
        }

        errors.RequiredName("roleRef.name", reference.Name, NameValidation.PathSegmentName);
        for (var i = 0; i < subjects.Count; i++)
        {
            Subject(subjects[i], isNamespaced, $"subjects[{i}]", errors);
        }
    }

    public static void SameRole(RoleRef now, RoleRef before, FieldErrors errors)
    {
        if (now != before)
        {
            errors.Invalid("roleRef", now, "cannot change roleRef");
        }
    }

    private static void Rule(PolicyRule rule, bool isNamespaced, string path, FieldErrors errors)
    {
        if (rule.Verbs.Count == 0)
        {
            errors.Required(path + ".verbs", "verbs must contain at least one value");
        }

        if (rule.NonResourceURLs.Count > 0)
        {
            if (isNamespaced)
            {
                errors.Invalid(path + ".nonResourceURLs", rule.NonResourceURLs, "namespaced rules cannot apply to non-resource URLs");
            }

            if (rule.APIGroups.Count > 0 || rule.Resources.Count > 0 || rule.ResourceNames.Count > 0)
            {
                errors.Invalid(path + ".nonResourceURLs", rule.NonResourceURLs, "rules cannot apply to both regular resources and non-resource URLs");
            }

            return;
        }

        if (rule.APIGroups.Count == 0)
        {
            errors.Required(path + ".apiGroups", "resource rules must supply at least one api group");
        }

        if (rule.Resources.Count == 0)
        {
            errors.Required(path + ".resources", "resource rules must supply at least one resource");
        }
    }

    private static void Subject(Subject subject, bool isNamespaced, string path, FieldErrors errors)
    {
        if (subject.Name.Length == 0)
        {
            errors.Required(path + ".name", "");
        }

        switch (subject.Kind)
        {
            case "ServiceAccount":
                if (subject.Name.Length > 0)
                {
                    errors.Names(path + ".name", subject.Name, NameValidation.Dns1123Subdomain(subject.Name));
                }

                if (subject.APIGroup.Length > 0)
                {
                    errors.NotSupported(path + ".apiGroup", subject.APIGroup, [""]);
                }

                if (!isNamespaced && subject.Namespace.Length == 0) // a role binding's accounts are those of its own namespace
                {
                    errors.Required(path + ".namespace", "");
                }

                break;
            case "User" or "Group":
                if (subject.APIGroup != Group)
                {
                    errors.NotSupported(path + ".apiGroup", subject.APIGroup, [Group]);
                }

                break;
            default:
                errors.NotSupported(path + ".kind", subject.Kind, ["ServiceAccount", "User", "Group"]);
                break;
        }
    }
}

/// <summary>Roles.</summary>
internal sealed class RoleStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => (RbacRules.Group, "roles");

    public override void Validate(EncodedObject obj, FieldErrors errors) => RbacRules.Rules(obj.Read<Role>().Rules, isNamespaced: true, errors);

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors) => Validate(obj, errors);
}

/// <summary>Cluster roles.</summary>
internal sealed class ClusterRoleStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => (RbacRules.Group, "clusterroles");

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var role = obj.Read<ClusterRole>();
        RbacRules.Rules(role.Rules, isNamespaced: false, errors);
        if (role.AggregationRule is not { } aggregation)
        {
            return;
        }

        if (aggregation.ClusterRoleSelectors.Count == 0)
        {
            errors.Required("aggregationRule.clusterRoleSelectors", "at least one clusterRoleSelector required if aggregationRule is non-nil");
        }

        for (var i = 0; i < aggregation.ClusterRoleSelectors.Count; i++)
        {
            var (path, known) = ($"aggregationRule.clusterRoleSelectors[{i}]", errors.Items.Count);
            errors.Selector(path, aggregation.ClusterRoleSelectors[i]);
            if (errors.Items.Count > known)
            {
                errors.Invalid(path, null, "invalid label selector."); // upstream shows what it made of it, which is nothing
            }
        }
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors) => Validate(obj, errors);
}

/// <summary>Role bindings.</summary>
internal sealed class RoleBindingStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => (RbacRules.Group, "rolebindings");

    public override void ApplyDefaults(JsonObject obj) => RbacRules.ApplyDefaults(obj);

    public override void Validate(EncodedObject obj, FieldErrors errors) => RbacRules.Binding(obj.Read<RoleBinding>().RoleRef, obj.Read<RoleBinding>().Subjects, isNamespaced: true, errors);

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        Validate(obj, errors);
        RbacRules.SameRole(obj.Read<RoleBinding>().RoleRef, old.Read<RoleBinding>().RoleRef, errors);
    }
}

/// <summary>Cluster role bindings.</summary>
internal sealed class ClusterRoleBindingStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => (RbacRules.Group, "clusterrolebindings");

    public override void ApplyDefaults(JsonObject obj) => RbacRules.ApplyDefaults(obj);

    public override void Validate(EncodedObject obj, FieldErrors errors) => RbacRules.Binding(obj.Read<ClusterRoleBinding>().RoleRef, obj.Read<ClusterRoleBinding>().Subjects, isNamespaced: false, errors);

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        Validate(obj, errors);
        RbacRules.SameRole(obj.Read<ClusterRoleBinding>().RoleRef, old.Read<ClusterRoleBinding>().RoleRef, errors);
    }
}
