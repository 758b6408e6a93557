using Kobune.Cel.Authorization;
using Kobune.Cel.Types;
using Kobune.Cel.Values;
using static Kobune.Cel.Libraries.LibraryValues;

namespace Kobune.Cel.Libraries;

/// <summary>Kubernetes' authorization checks.</summary>
internal static class AuthorizerLibrary
{
    private static readonly CelType S = CelType.String;
    private static readonly CelType A = CelAuthorizer.Type;
    private static readonly CelType P = CelAuthorizer.PathType;
    private static readonly CelType G = CelAuthorizer.GroupType;
    private static readonly CelType R = CelAuthorizer.ResourceType;
    private static readonly CelType D = CelAuthorizer.DecisionType;

    public static readonly CelLibrary Library = new LibraryBuilder("authorizer")
        .Type(A.Name, A).Type(P.Name, P).Type(G.Name, G).Type(R.Name, R).Type(D.Name, D)
        .Member("path", "authorizer_path", [A, S], P, a => Named("path", a, P, (r, path) => r with { Path = path }))
        .Member("group", "authorizer_group", [A, S], G, a => Add(a, G, (r, group) => r with { Group = group }))
        .Member("serviceAccount", "authorizer_serviceaccount", [A, S, S], A, a => ServiceAccount((AuthorizationValue)a[0], a[1].Text(), a[2].Text()))
        .Member("resource", "groupcheck_resource", [G, S], R, a => Named("resource", a, R, (r, resource) => r with { Resource = resource }))
        .Member("subresource", "resourcecheck_subresource", [R, S], R, a => Add(a, R, (r, subresource) => r with { Subresource = subresource }))
        .Member("namespace", "resourcecheck_namespace", [R, S], R, a => Add(a, R, (r, space) => r with { Namespace = space }))
        .Member("name", "resourcecheck_name", [R, S], R, a => Add(a, R, (r, name) => r with { Name = name }))
        .Member("check", "pathcheck_check", [P, S], D, a => ((AuthorizationValue)a[0]).Check(a[1].Text()))
        .Member("check", "resourcecheck_check", [R, S], D, a => ((AuthorizationValue)a[0]).Check(a[1].Text()))
        .Member("allowed", "decision_allowed", [D], CelType.Bool, a => Bool(((DecisionValue)a[0]).Decision.Allowed))
        .Member("reason", "decision_reason", [D], S, a => Text(((DecisionValue)a[0]).Decision.Reason))
        .Member("errored", "decision_errored", [D], CelType.Bool, a => Bool(((DecisionValue)a[0]).Decision.Error is not null))
        .Member("error", "decision_error", [D], S, a => Text(((DecisionValue)a[0]).Decision.Error ?? ""))
        .Build();

    /// <summary>Selectors, which have a feature gate of their own.</summary>
    public static readonly CelLibrary Selectors = new LibraryBuilder("authorizer selectors")
        .Member("fieldSelector", "authorizer_fieldselector", [R, S], R, a => Add(a, R, (r, selector) => r with { FieldSelector = selector }))
        .Member("labelSelector", "authorizer_labelselector", [R, S], R, a => Add(a, R, (r, selector) => r with { LabelSelector = selector }))
        .Build();

    private static AuthorizationValue Add(ReadOnlySpan<CelValue> a, CelType next, Func<CelAuthorizationRequest, string, CelAuthorizationRequest> change)
    {
        var text = a[1].Text();
        return ((AuthorizationValue)a[0]).With(next, request => change(request, text));
    }

    private static CelValue Named(string what, ReadOnlySpan<CelValue> a, CelType next, Func<CelAuthorizationRequest, string, CelAuthorizationRequest> change) =>
        string.IsNullOrWhiteSpace(a[1].Text()) ? Error($"{what} must not be empty") : Add(a, next, change);

    private static CelValue ServiceAccount(AuthorizationValue authorizer, string space, string name) =>
        NameFormats.Subdomain(name).Count > 0 ? Error("Invalid service account name")
        : NameFormats.Label(space).Count > 0 ? Error("Invalid service account namespace")
        : authorizer.With(A, request => request with { ServiceAccount = (space, name) });
}
