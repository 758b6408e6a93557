using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Selectors;
using Kobune.Api.Validation;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authentication.Tokens;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Authorization.Reviews;

/// <summary>The three reviews that ask for one decision, and what they share (upstream's pkg/registry/authorization).</summary>
public static class AccessReviews
{
    private const string Group = "authorization.k8s.io";

    /// <summary>All virtual resources of the group authorization.k8s.io except the rules review.</summary>
    public static IReadOnlyList<IVirtualResource> Of(IAuthorizer authorizer) =>
    [
        new Review(authorizer, new(Group, "v1", "SubjectAccessReview", "subjectaccessreviews", Namespaced: false)),
        new Review(authorizer, new(Group, "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", Namespaced: false)),
        new Review(authorizer, new(Group, "v1", "LocalSubjectAccessReview", "localsubjectaccessreviews", Namespaced: true)),
    ];

    internal static RequestInfo ToRequest(JsonObject spec)
    {
        if (spec.Child("nonResourceAttributes") is { } path)
        {
            return new() { IsResourceRequest = false, Path = path.Text("path"), Verb = path.Text("verb") };
        }

        var resource = spec.Child("resourceAttributes");
        return new()
        {
            IsResourceRequest = true,
            Path = "",
            Verb = resource.Text("verb"),
            ApiGroup = resource.Text("group"),
            ApiVersion = resource.Text("version") is { Length: > 0 } version ? version : "*",
            Namespace = resource.Text("namespace"),
            Resource = resource.Text("resource"),
            Subresource = resource.Text("subresource"),
            Name = resource.Text("name"),
            FieldSelector = FieldSelectorOf(resource.Child("fieldSelector")),
            LabelSelector = LabelSelectorOf(resource.Child("labelSelector")),
        };
    }

    private static string FieldSelectorOf(JsonObject? selector) => selector.Text("rawSelector") is { Length: > 0 } raw
        ? raw
        : FieldSelector.Of(selector.Items("requirements")
            .Where(r => r.Text("operator") is "In" or "NotIn" && r.Texts("values").Count == 1)
            .Select(r => new FieldRequirement(r.Text("key"), r.Text("operator") == "In", r.Texts("values")[0]))).ToString();

    // A requirement that does not exist is left out: without it the question is only broader.
    private static string LabelSelectorOf(JsonObject? selector) => selector.Text("rawSelector") is { Length: > 0 } raw
        ? raw
        : string.Join(',', selector.Items("requirements").Select(LabelRequirementOf).OfType<LabelRequirement>());

    private static LabelRequirement? LabelRequirementOf(JsonObject requirement)
    {
        var (key, values) = (requirement.Text("key"), requirement.Texts("values"));
        if (NameValidation.QualifiedName(key).Count > 0 || values.Any(v => NameValidation.LabelValue(v).Count > 0))
        {
            return null;
        }

        return requirement.Text("operator") switch
        {
            "In" when values.Count > 0 => new(key, SelectorOperator.In, values),
            "NotIn" when values.Count > 0 => new(key, SelectorOperator.NotIn, values),
            "Exists" when values.Count == 0 => new(key, SelectorOperator.Exists, []),
            "DoesNotExist" when values.Count == 0 => new(key, SelectorOperator.DoesNotExist, []),
            _ => null,
        };
    }

    private static void Validate(JsonObject body, string kind, string @namespace)
    {
        var errors = new FieldErrors();
        var spec = body.Child("spec");
        if (spec.Has("resourceAttributes") && spec.Has("nonResourceAttributes"))
        {
            errors.Invalid("spec.nonResourceAttributes", "nonResourceAttributes", "cannot be specified in combination with resourceAttributes");
        }

        if (!spec.Has("resourceAttributes") && !spec.Has("nonResourceAttributes"))
        {
            errors.Invalid("spec.resourceAttributes", "nil", $"exactly one of nonResourceAttributes or resourceAttributes must be specified");
        }

        if (kind != "SelfSubjectAccessReview" && spec.Text("user").Length == 0 && spec.Texts("groups").Count == 0)
        {
            errors.Invalid("spec.user", spec.Text("user"), "at least one of user or group must be specified");
        }

        if (kind == "LocalSubjectAccessReview")
        {
            if (spec.Child("resourceAttributes") is { } resource && resource.Text("namespace") != body.Child("metadata").Text("namespace"))
            {
                errors.Invalid("spec.resourceAttributes.namespace", resource.Text("namespace"), "must match metadata.namespace");
            }

            if (spec.Has("nonResourceAttributes"))
            {
                errors.Invalid("spec.nonResourceAttributes", "nonResourceAttributes", "disallowed on this kind of request");
            }
        }

        if (errors.Items.Count > 0)
        {
            throw StatusErrors.Invalid(Group, kind, @namespace.Length == 0 ? "" : body.Child("metadata").Text("name"), errors);
        }
    }

    private sealed class Review(IAuthorizer authorizer, ResourceDescriptor resource) : IVirtualResource
    {
        public ResourceDescriptor Resource => resource;

        public async ValueTask<JsonObject> CreateAsync(VirtualCreate request, CancellationToken ct)
        {
            var body = request.Body;
            if (resource.Namespaced)
            {
                body.Need("metadata").DefaultEmpty("namespace", request.Info.Namespace);
            }

            Validate(body, resource.Kind, request.Info.Namespace);
            var spec = body.Child("spec")!;
            if (resource.Namespaced && spec.Child("resourceAttributes").Text("namespace") != request.Info.Namespace)
            {
                throw StatusErrors.BadRequest($"spec.resourceAttributes.namespace must match namespace: {request.Info.Namespace}");
            }

            var user = resource.Kind == "SelfSubjectAccessReview" ? request.User : UserInfoJson.ReadSpec(spec);
            var result = await authorizer.AuthorizeAsync(user, ToRequest(spec), ct);
            var status = new JsonObject { ["allowed"] = result.Decision == Decision.Allow };
            if (result.Decision == Decision.Deny)
            {
                status["denied"] = true;
            }

            if (result.Reason.Length > 0)
            {
                status["reason"] = result.Reason;
            }

            if (result.Error.Length > 0)
            {
                status["evaluationError"] = result.Error;
            }

            body["status"] = status;
            return body;
        }
    }
}
