using Kobune.Api.Rbac.V1;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Authorization.Rbac;

/// <summary>Role-based access control over the server's own view of roles and bindings. Costs a few dictionary look-ups per request.</summary>
public sealed class RbacAuthorizer(IObjectReader objects) : IAuthorizer
{
    private readonly Lock _gate = new();
    private volatile RbacIndex? _index;

    /// <inheritdoc/>
    public ValueTask<AuthorizationResult> AuthorizeAsync(UserInfo user, RequestInfo request, CancellationToken ct) =>
        new(Index().Allow(user, request, out var problems) is { } reason ? new AuthorizationResult(Decision.Allow, reason) : new(Decision.NoOpinion, problems));

    /// <summary>All rules that a user has in a namespace; <paramref name="problems"/> names roles that are bound but missing.</summary>
    public IReadOnlyList<PolicyRule> RulesOf(UserInfo user, string @namespace, out IReadOnlyList<string> problems) => Index().RulesOf(user, @namespace, out problems);

    /// <summary>The rules of a role, or null when it is missing.</summary>
    public IReadOnlyList<PolicyRule>? RulesOf(RoleRef reference, string @namespace) => Index().RulesOf(reference, @namespace);

    private RbacIndex Index()
    {
        var generation = Generation();
        return _index is { } index && index.Generation == generation ? index : Rebuild();
    }

    private (long, long, long, long) Generation() =>
        (objects.Generation<ClusterRoleBinding>(), objects.Generation<RoleBinding>(), objects.Generation<ClusterRole>(), objects.Generation<Role>());

    private RbacIndex Rebuild()
    {
        lock (_gate)
        {
            // The numbers are read before the lists: a change in between makes the next request look again.
            var generation = Generation();
            if (_index is not { } index || index.Generation != generation)
            {
                _index = index = new(objects, generation, _index);
            }

            return index;
        }
    }
}
