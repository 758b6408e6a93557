using Kobune.Api.AdmissionRegistration.V1;
using Kobune.Api.Selectors;
using Kobune.ApiServer.Admission.Webhooks;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Admission.Policies;

/// <summary>Which requests a policy or a binding means. Source: k8s.io/apiserver, admission/plugin/policy/matching.</summary>
internal sealed class ResourceMatch
{
    private readonly Selector _namespaces;
    private readonly Selector _objects;
    private readonly IReadOnlyList<NamedRule> _rules;
    private readonly IReadOnlyList<NamedRule> _excluded;
    private readonly bool _isEquivalent;

    /// <summary>Null means every request.</summary>
    public ResourceMatch(MatchResources? match)
    {
        _namespaces = match?.NamespaceSelector is { } namespaces ? Selector.From(namespaces) : Selector.Everything;
        _objects = match?.ObjectSelector is { } objects ? Selector.From(objects) : Selector.Everything;
        _rules = [.. (match?.ResourceRules ?? []).Select(NamedRule.Of)];
        _excluded = [.. (match?.ExcludeResourceRules ?? []).Select(NamedRule.Of)];
        _isEquivalent = match?.MatchPolicy == "Equivalent";
    }

    /// <summary>The version in which the request is meant; null when it is not.</summary>
    /// <exception cref="Errors.StatusException">404: the namespace, whose labels count, is not there.</exception>
    public async ValueTask<ServedResource?> FindAsync(WebhookSubject subject, CancellationToken ct)
    {
        if (Version(_excluded, subject) is not null || (_rules.Count == 0 ? subject.Requested : Version(_rules, subject)) is not { } version)
        {
            return null;
        }

        return WebhookMatch.Selects(_objects, subject) && await WebhookMatch.IsInNamespaceAsync(_namespaces, subject, ct) ? version : null;
    }

    private ServedResource? Version(IReadOnlyList<NamedRule> rules, WebhookSubject subject)
    {
        if (rules.Any(r => r.Matches(subject, subject.Requested)))
        {
            return subject.Requested;
        }

        return _isEquivalent && rules.Count > 0
            ? rules.Select(rule => subject.Equivalents().FirstOrDefault(v => rule.Matches(subject, v))).FirstOrDefault(v => v is not null)
            : null;
    }

    /// <summary>A rule that may name objects.</summary>
    internal sealed record NamedRule(RuleWithOperations Rule, IReadOnlyList<string> Names)
    {
        public static NamedRule Of(NamedRuleWithOperations rule) => new(
            new() { Operations = rule.Operations, APIGroups = rule.APIGroups, APIVersions = rule.APIVersions, Resources = rule.Resources, Scope = rule.Scope }, rule.ResourceNames);

        public bool Matches(WebhookSubject subject, ServedResource version) =>
            RuleMatch.Matches(Rule, subject.InVersion(version)) && (Names.Count == 0 || Names.Contains(subject.Name));
    }
}
