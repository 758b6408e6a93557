using System.Text.Json.Nodes;
using Kobune.Api.Rbac.V1;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Authorization.Rbac;

/// <summary>
/// Nobody gives away rights that they do not have: a role's rules must be covered by the writer's own (or verb escalate), a binding's role too (or
/// verb bind). Upstream checks this in front of the storage of the four kinds (pkg/registry/rbac, policybased).
/// </summary>
public sealed class EscalationCheck(RbacAuthorizer rbac, IAuthorizer authorizer) : IValidatingAdmission
{
    private const string Group = "rbac.authorization.k8s.io";

    /// <inheritdoc/>
    public string Name => "RBACEscalation";

    /// <inheritdoc/>
    public async ValueTask ValidateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (request.Resource.Group != Group || request.Object is null || request.Info.Subresource.Length > 0
            || request.Operation is not (AdmissionOperation.Create or AdmissionOperation.Update)
            || request.User.Groups.Contains(UserNames.Masters))
        {
            return;
        }

        switch (request.Resource.Plural)
        {
            case "clusterroles":
                var cluster = request.Object.Read<ClusterRole>();
                var oldCluster = request.OldObject?.Read<ClusterRole>();
                await CheckRoleAsync(request, cluster.Rules, oldCluster?.Rules, cluster.AggregationRule is { } rule && !rule.Equals(oldCluster?.AggregationRule), ct);
                break;
            case "roles":
                await CheckRoleAsync(request, request.Object.Read<Role>().Rules, request.OldObject?.Read<Role>().Rules, aggregates: false, ct);
                break;
            case "clusterrolebindings":
                var clusterBinding = request.Object.Read<ClusterRoleBinding>();
                await CheckBindingAsync(request, clusterBinding.RoleRef, IsSame(clusterBinding.Subjects, request.OldObject?.Read<ClusterRoleBinding>().Subjects), ct);
                break;
            case "rolebindings":
                var binding = request.Object.Read<RoleBinding>();
                await CheckBindingAsync(request, binding.RoleRef, IsSame(binding.Subjects, request.OldObject?.Read<RoleBinding>().Subjects), ct);
                break;
        }
    }

    private static bool IsSame<T>(IReadOnlyList<T> one, IReadOnlyList<T>? other) => other is not null && one.SequenceEqual(other);

    private static string ObjectName(AdmissionRequest request) => request.Name.Length > 0 ? request.Name : (request.Object as JsonObject).Child("metadata").Text("name");

    private async ValueTask CheckRoleAsync(AdmissionRequest request, IReadOnlyList<PolicyRule> rules, IReadOnlyList<PolicyRule>? oldRules, bool aggregates, CancellationToken ct)
    {
        if ((IsSame(rules, oldRules) && !aggregates) || await MayAsync(request, "escalate", request.Resource.Plural, ObjectName(request), ct))
        {
            return;
        }

        if (aggregates)
        {
            // What a selector will collect is not known today: only who may everything may write one.
            ConfirmHeld(request, [new() { Verbs = ["*"], APIGroups = ["*"], Resources = ["*"] }, new() { Verbs = ["*"], NonResourceURLs = ["*"] }]);
        }

        ConfirmHeld(request, rules);
    }

    private async ValueTask CheckBindingAsync(AdmissionRequest request, RoleRef reference, bool isSame, CancellationToken ct)
    {
        if (isSame || await MayAsync(request, "bind", reference.Kind == "ClusterRole" ? "clusterroles" : "roles", reference.Name, ct))
        {
            return;
        }

        var rules = rbac.RulesOf(reference, request.Namespace)
            ?? throw StatusErrors.NotFound(Group, reference.Kind == "ClusterRole" ? "clusterroles" : "roles", reference.Name);
        ConfirmHeld(request, rules);
    }

    private async ValueTask<bool> MayAsync(AdmissionRequest request, string verb, string resource, string name, CancellationToken ct)
    {
        var asked = new RequestInfo
        {
            IsResourceRequest = true,
            Path = "",
            Verb = verb,
            ApiGroup = Group,
            ApiVersion = "*",
            Resource = resource,
            Namespace = request.Namespace,
            Name = name,
        };
        return (await authorizer.AuthorizeAsync(request.User, asked, ct)).Decision == Decision.Allow;
    }

    private void ConfirmHeld(AdmissionRequest request, IReadOnlyList<PolicyRule> rules)
    {
        var owned = rbac.RulesOf(request.User, request.Namespace, out var problems);
        var missing = PolicyRules.NotCovered(owned, rules);
        if (missing.Count == 0)
        {
            return;
        }

        var lines = missing.Select(PolicyRules.Describe).Distinct().Order(StringComparer.Ordinal);
        var text = $"user \"{request.User.Name}\" (groups={PolicyRules.Quote(request.User.Groups)}) is attempting to grant RBAC permissions not currently held:\n{string.Join("\n", lines)}";
        if (problems.Count > 0)
        {
            text += $"; resolution errors: [{string.Join(", ", problems)}]";
        }

        throw StatusErrors.Forbidden(Group, request.Resource.Plural, ObjectName(request), text);
    }
}
