using System.Text.Json.Nodes;
using Kobune.Api.AdmissionRegistration.V1;
using Kobune.Api.Selectors;
using Kobune.ApiServer.Admission.Webhooks;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Watch;

namespace Kobune.ApiServer.Admission.Policies;

/// <summary>The parameters that a binding gives a policy. Source: k8s.io/apiserver, admission/plugin/policy/generic, CollectParams.</summary>
internal static class PolicyParams
{
    /// <summary>Each of them once, in the version of the paramKind; a single null where the policy or the binding has none.</summary>
    /// <exception cref="PolicyConfigurationException">The binding cannot be used.</exception>
    public static async ValueTask<IReadOnlyList<JsonObject?>> CollectAsync(ServedResource? kind, ParamRef? reference, string ns, WebhookServices services, CancellationToken ct)
    {
        if (kind?.Storage is not { } stored || reference is null)
        {
            return [null];
        }

        var found = new List<JsonObject?>();
        foreach (var entry in await FindAsync(stored, reference, Namespace(stored, reference, ns), services, ct))
        {
            found.Add((await services.Registry.InVersionAsync(entry, kind, ct)).ToTree());
        }

        return found.Count > 0 || reference.ParameterNotFoundAction != "Deny"
            ? found
            : throw new PolicyConfigurationException("no params found for policy binding with `Deny` parameterNotFoundAction");
    }

    private static string Namespace(StoredKind stored, ParamRef reference, string ns)
    {
        if (!stored.Schema.Namespaced)
        {
            return reference.Namespace.Length == 0 ? "" : throw new PolicyConfigurationException("paramRef.namespace must not be provided for a cluster-scoped `paramKind`");
        }

        return reference.Namespace.Length > 0 ? reference.Namespace
            : ns.Length > 0 ? ns
            : throw new PolicyConfigurationException("cannot use namespaced paramRef in policy binding that matches cluster-scoped resources");
    }

    private static async ValueTask<IReadOnlyList<CacheEntry>> FindAsync(StoredKind stored, ParamRef reference, string ns, WebhookServices services, CancellationToken ct)
    {
        if (reference.Name.Length == 0)
        {
            var selector = Selector.From(reference.Selector ?? new());
            return [.. stored.Cache.State.Index.Range(stored.PrefixOf(ns)).Where(e => selector.Matches(e.Labels))];
        }

        // The cache may not have seen what was written a moment ago.
        var key = stored.KeyOf(ns, reference.Name);
        return (stored.Cache.State.Index.Find(key) ?? await services.ReadFresh(key, ct)) is { } entry ? [entry] : [];
    }
}

/// <summary>A policy or binding cannot be used for a request.</summary>
internal sealed class PolicyConfigurationException(string message) : Exception(message);
