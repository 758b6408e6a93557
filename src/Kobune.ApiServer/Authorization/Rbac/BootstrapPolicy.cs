using Kobune.Api;
using Kobune.Api.Features;
using Kobune.Api.Meta.V1;
using Kobune.Api.Rbac.V1;
using Kobune.ApiServer.Admission;

namespace Kobune.ApiServer.Authorization.Rbac;

/// <summary>
/// The roles and bindings that every cluster has from its first moment, and their reconciliation at each start (upstream's
/// bootstrappolicy and pkg/registry/rbac/reconciliation): what is missing is added, what was added by hand stays.
/// </summary>
public static class BootstrapPolicy
{
    private const string AutoUpdate = "rbac.authorization.kubernetes.io/autoupdate";

    private static readonly Lazy<PolicyText> Parsed = new(PolicyText.Load);

    /// <summary>Cluster roles, aggregated ones with the rules that they have on a fresh cluster.</summary>
    public static IReadOnlyList<ClusterRole> ClusterRoles => Parsed.Value.ClusterRoles;

    /// <summary>Bindings of cluster roles.</summary>
    public static IReadOnlyList<ClusterRoleBinding> ClusterRoleBindings => Parsed.Value.ClusterRoleBindings;

    /// <summary>Roles of kube-system and kube-public.</summary>
    public static IReadOnlyList<Role> Roles => Parsed.Value.Roles;

    /// <summary>Their bindings.</summary>
    public static IReadOnlyList<RoleBinding> RoleBindings => Parsed.Value.RoleBindings;

    /// <summary>What must be written so that the cluster has the policy: objects to create (no resourceVersion) and to replace (the one that was read). Namespaces kube-system and kube-public must exist.</summary>
    public static IReadOnlyList<IKubernetesObject> Plan(IObjectReader objects, FeatureGates features)
    {
        ArgumentNullException.ThrowIfNull(features);
        var gated = Parsed.Value.Gated.Where(g => features.IsEnabled(g.Gate)).ToList();
        var writes = new List<IKubernetesObject>();
        var more = Parsed.Value.More.Where(m => features.IsEnabled(m.Gate)).ToLookup(m => m.Role, m => m.Rules, StringComparer.Ordinal);
        Add([.. ClusterRoles.Select(r => more.Contains(r.Metadata.Name) ? r with { Rules = [.. r.Rules, .. more[r.Metadata.Name].SelectMany(m => m)] } : r), .. gated.Select(g => g.Role)], role => objects.Find<ClusterRole>("", role.Metadata.Name), Reconcile);
        Add(Roles, role => objects.Find<Role>(role.Metadata.Namespace, role.Metadata.Name), Reconcile);
        Add([.. ClusterRoleBindings, .. gated.Select(g => g.Binding)], binding => objects.Find<ClusterRoleBinding>("", binding.Metadata.Name), Reconcile);
        Add(RoleBindings, binding => objects.Find<RoleBinding>(binding.Metadata.Namespace, binding.Metadata.Name), Reconcile);
        return writes;

        void Add<T>(IReadOnlyList<T> wanted, Func<T, T?> find, Func<T, T, T> reconcile)
            where T : class, IKubernetesObject
        {
            foreach (var item in wanted)
            {
                if (find(item) is not { } found)
                {
                    writes.Add(item);
                }
                else if (MayUpdate(found.Metadata) && reconcile(found, item) is { } merged && !merged.Equals(found))
                {
                    writes.Add(merged);
                }
            }
        }
    }

    private static bool MayUpdate(ObjectMeta metadata) => !metadata.Annotations.TryGetValue(AutoUpdate, out var value) || value != "false";

    private static ObjectMeta Merge(ObjectMeta found, ObjectMeta wanted) => found with { Labels = Merge(found.Labels, wanted.Labels), Annotations = Merge(found.Annotations, wanted.Annotations) };

    private static IReadOnlyDictionary<string, string> Merge(IReadOnlyDictionary<string, string> found, IReadOnlyDictionary<string, string> wanted)
    {
        if (wanted.All(w => found.TryGetValue(w.Key, out var value) && value == w.Value))
        {
            return found;
        }

        var merged = new Dictionary<string, string>(found);
        foreach (var (key, value) in wanted)
        {
            merged[key] = value;
        }

        return merged;
    }

    // The rules of an aggregated role belong to the aggregation controller.
    private static ClusterRole Reconcile(ClusterRole found, ClusterRole wanted) => found with
    {
        Metadata = Merge(found.Metadata, wanted.Metadata),
        Rules = wanted.AggregationRule is null ? AddMissing(found.Rules, wanted.Rules) : found.Rules,
        AggregationRule = wanted.AggregationRule is null ? found.AggregationRule : found.AggregationRule ?? wanted.AggregationRule,
    };

    private static Role Reconcile(Role found, Role wanted) => found with { Metadata = Merge(found.Metadata, wanted.Metadata), Rules = AddMissing(found.Rules, wanted.Rules) };

    // A role reference can never change; a binding that was made to another role stays as it is.
    private static ClusterRoleBinding Reconcile(ClusterRoleBinding found, ClusterRoleBinding wanted) =>
        found.RoleRef != wanted.RoleRef ? found : found with { Metadata = Merge(found.Metadata, wanted.Metadata), Subjects = AddMissing(found.Subjects, wanted.Subjects) };

    private static RoleBinding Reconcile(RoleBinding found, RoleBinding wanted) =>
        found.RoleRef != wanted.RoleRef ? found : found with { Metadata = Merge(found.Metadata, wanted.Metadata), Subjects = AddMissing(found.Subjects, wanted.Subjects) };

    private static IReadOnlyList<PolicyRule> AddMissing(IReadOnlyList<PolicyRule> found, IReadOnlyList<PolicyRule> wanted)
    {
        var missing = PolicyRules.NotCovered(found, wanted);
        return missing.Count == 0 ? found : [.. found, .. missing];
    }

    private static IReadOnlyList<Subject> AddMissing(IReadOnlyList<Subject> found, IReadOnlyList<Subject> wanted)
    {
        Subject[] missing = [.. wanted.Where(w => !found.Contains(w))];
        return missing.Length == 0 ? found : [.. found, .. missing];
    }
}
