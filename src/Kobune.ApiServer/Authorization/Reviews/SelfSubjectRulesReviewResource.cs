using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Rbac.V1;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authorization.Rbac;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Authorization.Reviews;

/// <summary>selfsubjectrulesreviews: all that the asker may do in a namespace (kubectl auth can-i --list).</summary>
public sealed class SelfSubjectRulesReviewResource(RbacAuthorizer rbac, bool asksWebhook = false) : IVirtualResource
{
    /// <inheritdoc/>
    public ResourceDescriptor Resource { get; } = new("authorization.k8s.io", "v1", "SelfSubjectRulesReview", "selfsubjectrulesreviews", Namespaced: false);

    /// <inheritdoc/>
    public ValueTask<JsonObject> CreateAsync(VirtualCreate request, CancellationToken ct)
    {
        var @namespace = request.Body.Child("spec").Text("namespace");
        if (@namespace.Length == 0)
        {
            throw StatusErrors.BadRequest("no namespace on request");
        }

        var rules = rbac.RulesOf(request.User, @namespace, out var problems);
        var isNode = UserNames.ParseNode(request.User) is not null;
        var status = new JsonObject
        {
            ["resourceRules"] = Items(rules.Where(r => r.Resources.Count > 0), ResourceRule),
            ["nonResourceRules"] = Items(rules.Where(r => r.NonResourceURLs.Count > 0), UrlRule),
            ["incomplete"] = isNode || asksWebhook,
        };
        IReadOnlyList<string> errors =
        [
            .. isNode ? ["node authorizer does not support user rule resolution"] : Array.Empty<string>(),
            .. problems,
            .. asksWebhook ? ["webhook authorizer does not support user rule resolution"] : Array.Empty<string>(),
        ];
        if (errors.Count > 0)
        {
            status["evaluationError"] = string.Join(", ", errors);
        }

        request.Body["status"] = status;
        return new(request.Body);
    }

    private static JsonArray Items(IEnumerable<PolicyRule> rules, Func<PolicyRule, JsonObject> write)
    {
        var array = new JsonArray();
        foreach (var rule in rules)
        {
            array.Add((JsonNode)write(rule));
        }

        return array;
    }

    private static JsonObject ResourceRule(PolicyRule rule)
    {
        var json = new JsonObject { ["verbs"] = rule.Verbs.ToJsonArray(), ["apiGroups"] = rule.APIGroups.ToJsonArray(), ["resources"] = rule.Resources.ToJsonArray() };
        if (rule.ResourceNames.Count > 0)
        {
            json["resourceNames"] = rule.ResourceNames.ToJsonArray();
        }

        return json;
    }

    private static JsonObject UrlRule(PolicyRule rule) => new() { ["verbs"] = rule.Verbs.ToJsonArray(), ["nonResourceURLs"] = rule.NonResourceURLs.ToJsonArray() };
}
