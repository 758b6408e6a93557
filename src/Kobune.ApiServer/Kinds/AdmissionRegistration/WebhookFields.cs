using Kobune.Api.AdmissionRegistration.V1;
using Kobune.Api.Meta.V1;

namespace Kobune.ApiServer.Kinds.AdmissionRegistration;

/// <summary>What of a webhook both kinds of configurations share.</summary>
internal sealed record WebhookFields(
    string Name,
    WebhookClientConfig ClientConfig,
    IReadOnlyList<RuleWithOperations> Rules,
    string? FailurePolicy,
    string? MatchPolicy,
    LabelSelector? NamespaceSelector,
    LabelSelector? ObjectSelector,
    string? SideEffects,
    int? TimeoutSeconds,
    IReadOnlyList<string> ReviewVersions,
    IReadOnlyList<MatchCondition> MatchConditions,
    string? ReinvocationPolicy)
{
    public static WebhookFields Of(ValidatingWebhook hook) => new(
        hook.Name, hook.ClientConfig, hook.Rules, hook.FailurePolicy, hook.MatchPolicy, hook.NamespaceSelector, hook.ObjectSelector, hook.SideEffects, hook.TimeoutSeconds,
        hook.AdmissionReviewVersions, hook.MatchConditions, null);

    public static WebhookFields Of(MutatingWebhook hook) => new(
        hook.Name, hook.ClientConfig, hook.Rules, hook.FailurePolicy, hook.MatchPolicy, hook.NamespaceSelector, hook.ObjectSelector, hook.SideEffects, hook.TimeoutSeconds,
        hook.AdmissionReviewVersions, hook.MatchConditions, hook.ReinvocationPolicy);
}
