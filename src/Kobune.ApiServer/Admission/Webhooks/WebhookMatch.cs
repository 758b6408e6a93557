using Kobune.Api.Core.V1;
using Kobune.Api.Selectors;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Admission.Webhooks;

/// <summary>Whether a webhook is asked about a request, and in which version. Source: k8s.io/apiserver, admission/plugin/webhook/generic, ShouldCallHook.</summary>
internal static class WebhookMatch
{
    /// <summary>The version that the webhook is shown; null when it is not asked.</summary>
    /// <exception cref="StatusException">404: the namespace, whose labels count, is not there.</exception>
    public static async ValueTask<ServedResource?> FindAsync(AdmissionWebhook hook, WebhookSubject subject, CancellationToken ct)
    {
        if (Version(hook, subject) is not { } version)
        {
            return null;
        }

        return Selects(hook.Objects, subject) && await IsInNamespaceAsync(hook.Namespaces, subject, ct) ? version : null;
    }

    /// <summary>The version of the request, else, with match policy Equivalent, that of the first rule which means another one of the same objects.</summary>
    public static ServedResource? Version(AdmissionWebhook hook, WebhookSubject subject)
    {
        var asked = subject.InVersion(subject.Requested);
        foreach (var rule in hook.Rules)
        {
            if (RuleMatch.Matches(rule, asked))
            {
                return subject.Requested;
            }
        }

        return hook.MatchesEquivalent
            ? hook.Rules.Select(rule => subject.Equivalents().FirstOrDefault(v => RuleMatch.Matches(rule, subject.InVersion(v)))).FirstOrDefault(v => v is not null)
            : null;
    }

    /// <summary>Whether a selector means the object, as it is or as it was.</summary>
    public static bool Selects(Selector objects, WebhookSubject subject) => objects.IsEverything || Matches(objects, subject.Labels()) || Matches(objects, subject.OldLabels());

    /// <summary>Whether a selector means the namespace around the object.</summary>
    /// <exception cref="StatusException">404: it is not there.</exception>
    public static async ValueTask<bool> IsInNamespaceAsync(Selector namespaces, WebhookSubject subject, CancellationToken ct)
    {
        var request = subject.Request;
        if (namespaces.IsEverything || (subject.Namespace.Length == 0 && request.Info.Resource != "namespaces"))
        {
            return true; // what is in no namespace cannot be exempted by one
        }

        if (request.IsFor("", "namespaces") && request.Operation is AdmissionOperation.Create or AdmissionOperation.Update && subject.Labels() is { } own)
        {
            return namespaces.Matches(own);
        }

        var found = await request.Objects.FindOrGetAsync<Namespace>("", subject.Namespace, ct)
            ?? throw StatusErrors.NotFound("", "namespaces", subject.Namespace);
        return namespaces.Matches(found.Metadata.Labels);
    }

    private static bool Matches(Selector objects, IReadOnlyDictionary<string, string>? labels) => labels is not null && objects.Matches(labels);
}
