using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Rbac.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Authorization.Rbac;

/// <summary>
/// Nobody gives away rights that they do not have: a role's rules must be covered by the writer's own (or verb escalate), a binding's role too (or
/// verb bind). Upstream checks this in front of the storage of the four kinds (pkg/registry/rbac, policybased): after what changes the object, before what judges it.
/// It is the last mutating plugin, though it changes nothing.
/// </summary>
public sealed class EscalationCheck(RbacAuthorizer rbac, IAuthorizer authorizer) : IMutatingAdmission
{
    private const string Group = "rbac.authorization.k8s.io";

    private static readonly PolicyRule[] Everything = [new() { Verbs = ["*"], APIGroups = ["*"], Resources = ["*"] }, new() { Verbs = ["*"], NonResourceURLs = ["*"] }];

    /// <inheritdoc/>
    public string Name => "RBACEscalation";

    /// <inheritdoc/>
    public async ValueTask MutateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (request.Resource.Group != Group || request.Object is null || request.Info.Subresource.Length > 0
            || request.Operation is not (AdmissionOperation.Create or AdmissionOperation.Update)
            || request.User.Groups.Contains(UserNames.Masters) || IsCollection(request))
        {
            return;
        }

        switch (request.Resource.Plural)
        {
            case "clusterroles":
                var cluster = request.Object.Read<ClusterRole>();
                await CheckRoleAsync(request, cluster.Rules, Aggregates(cluster) || Aggregates(request.OldObject?.Read<ClusterRole>()), ct);
                break;
            case "roles":
                await CheckRoleAsync(request, request.Object.Read<Role>().Rules, aggregates: false, ct);
                break;
            case "clusterrolebindings":
                await CheckBindingAsync(request, request.Object.Read<ClusterRoleBinding>().RoleRef, ct);
                break;
            case "rolebindings":
                await CheckBindingAsync(request, request.Object.Read<RoleBinding>().RoleRef, ct);
                break;
        }
    }

    /// <summary>Whether an update changes nothing but what the garbage collector has to change to be rid of the object.</summary>
    private static bool IsCollection(AdmissionRequest request) =>
        request.OldObject is { } old && JsonNode.DeepEquals(Essence((JsonObject)request.Object!), Essence(old.ToTree()));

    private static JsonObject Essence(JsonObject tree)
    {
        var copy = (JsonObject)tree.DeepClone();
        foreach (var field in (ReadOnlySpan<string>)["ownerReferences", "finalizers", "managedFields", "selfLink", "resourceVersion"])
        {
            (copy["metadata"] as JsonObject)?.Remove(field);
        }

        return copy;
    }

    private static bool Aggregates(ClusterRole? role) => role?.AggregationRule is { ClusterRoleSelectors.Count: > 0 };

    private static string ObjectName(AdmissionRequest request) => request.Name.Length > 0 ? request.Name : (request.Object as JsonObject).Child("metadata").Text("name");

    private async ValueTask CheckRoleAsync(AdmissionRequest request, IReadOnlyList<PolicyRule> rules, bool aggregates, CancellationToken ct)
    {
        if (await MayAsync(request, "escalate", Group, request.Resource.Plural, ObjectName(request), ct))
        {
            return;
        }

        ConfirmHeld(request, rules);
        if (aggregates && Missing(request, Everything, out _).Count > 0)
        {
            // What a selector will collect is not known today: only who may everything may write one.
            throw StatusErrors.Forbidden(Group, request.Resource.Plural, ObjectName(request), "must have cluster-admin privileges to use the aggregationRule");
        }
    }

    private async ValueTask CheckBindingAsync(AdmissionRequest request, RoleRef reference, CancellationToken ct)
    {
        var resource = reference.Kind switch { "ClusterRole" => "clusterroles", "Role" => "roles", _ => null };
        if (resource is not null && await MayAsync(request, "bind", reference.APIGroup, resource, reference.Name, ct))
        {
            return;
        }

        if (resource is null)
        {
            throw StatusErrors.Unknown($"unsupported role reference kind: {GoQuote.Of(reference.Kind)}");
        }

        if (resource == "roles" && request.Namespace.Length == 0)
        {
            throw StatusErrors.BadRequest("Namespace parameter required.");
        }

        if (reference.Name.Length == 0)
        {
            throw StatusErrors.BadRequest("Name parameter required.");
        }

        ConfirmHeld(request, rbac.RulesOf(reference, request.Namespace) ?? throw StatusErrors.NotFound(Group, resource, reference.Name));
    }

    private async ValueTask<bool> MayAsync(AdmissionRequest request, string verb, string group, string resource, string name, CancellationToken ct)
    {
        var asked = new RequestInfo
        {
            IsResourceRequest = true,
            Path = "",
            Verb = verb,
            ApiGroup = group,
            ApiVersion = "*",
            Resource = resource,
            Namespace = request.Namespace,
            Name = name,
        };
        return (await authorizer.AuthorizeAsync(request.User, asked, ct)).Decision == Decision.Allow;
    }

    private IReadOnlyList<PolicyRule> Missing(AdmissionRequest request, IReadOnlyList<PolicyRule> rules, out IReadOnlyList<string> problems) =>
        PolicyRules.NotCovered(rbac.RulesOf(request.User, request.Namespace, out problems), rules);

    private void ConfirmHeld(AdmissionRequest request, IReadOnlyList<PolicyRule> rules)
    {
        var missing = Missing(request, rules, out var problems);
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
