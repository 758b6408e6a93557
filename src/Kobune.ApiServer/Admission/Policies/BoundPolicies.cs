using Kobune.Api;
using Kobune.Api.AdmissionRegistration.V1;

namespace Kobune.ApiServer.Admission.Policies;

/// <summary>A policy, compiled, with its bindings.</summary>
internal sealed record BoundPolicy<TBinding, TCompiled>(TCompiled Policy, IReadOnlyList<(TBinding Binding, ResourceMatch Match)> Bindings);

/// <summary>All policies of one kind that are bound, by name; read again when a policy or binding changed, compiled again when a policy's generation did. Safe for concurrent callers.</summary>
/// <param name="compile">Compiles a policy.</param>
/// <param name="bound">The name of the policy that a binding binds, and what the binding means.</param>
internal sealed class BoundPolicies<TPolicy, TBinding, TCompiled>(Func<TPolicy, TCompiled> compile, Func<TBinding, (string Policy, MatchResources? Match)> bound)
    where TPolicy : class, IKubernetesObject<TPolicy>
    where TBinding : class, IKubernetesObject<TBinding>
{
    private volatile Known _known = new((-1, -1), [], new Dictionary<string, Compiled>());

    public IReadOnlyList<BoundPolicy<TBinding, TCompiled>> Current(IObjectReader objects)
    {
        var known = _known;
        var generation = (objects.Generation<TPolicy>(), objects.Generation<TBinding>());
        return known.Generation == generation ? known.Policies : (_known = Read(objects, generation, known.ByUid)).Policies;
    }

    private Known Read(IObjectReader objects, (long, long) generation, IReadOnlyDictionary<string, Compiled> before)
    {
        var bindings = objects.List<TBinding>("").ToLookup(b => bound(b).Policy, StringComparer.Ordinal);
        var byUid = new Dictionary<string, Compiled>(StringComparer.Ordinal);
        var policies = new List<BoundPolicy<TBinding, TCompiled>>();
        foreach (var policy in objects.List<TPolicy>("").Where(p => bindings.Contains(p.Metadata.Name)).OrderBy(p => p.Metadata.Name, StringComparer.Ordinal))
        {
            var (uid, counter) = (policy.Metadata.Uid, policy.Metadata.Generation);
            var compiled = before.GetValueOrDefault(uid) is { } kept && kept.Generation == counter ? kept : new(counter, compile(policy));
            byUid[uid] = compiled;
            policies.Add(new(compiled.Policy, [.. bindings[policy.Metadata.Name].OrderBy(b => b.Metadata.Name, StringComparer.Ordinal).Select(b => (b, new ResourceMatch(bound(b).Match)))]));
        }

        return new(generation, policies, byUid);
    }

    private sealed record Compiled(long Generation, TCompiled Policy);

    private sealed record Known((long Policies, long Bindings) Generation, IReadOnlyList<BoundPolicy<TBinding, TCompiled>> Policies, IReadOnlyDictionary<string, Compiled> ByUid);
}
