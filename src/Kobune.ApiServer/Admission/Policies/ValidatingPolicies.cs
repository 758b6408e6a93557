using Kobune.Api.AdmissionRegistration.V1;

namespace Kobune.ApiServer.Admission.Policies;

/// <summary>A policy with its bindings.</summary>
internal sealed record BoundPolicy(ValidatingPolicy Policy, IReadOnlyList<(ValidatingAdmissionPolicyBinding Binding, ResourceMatch Match)> Bindings);

/// <summary>All policies that are bound, by name; read again when a policy or binding changed, compiled again when a policy's generation did. Safe for concurrent callers.</summary>
internal sealed class ValidatingPolicies(int minor)
{
    private volatile Known _known = new((-1, -1), [], new Dictionary<string, Compiled>());

    public IReadOnlyList<BoundPolicy> Current(IObjectReader objects)
    {
        var known = _known;
        var generation = (objects.Generation<ValidatingAdmissionPolicy>(), objects.Generation<ValidatingAdmissionPolicyBinding>());
        return known.Generation == generation ? known.Policies : (_known = Read(objects, generation, known.ByUid)).Policies;
    }

    private Known Read(IObjectReader objects, (long, long) generation, IReadOnlyDictionary<string, Compiled> before)
    {
        var bindings = objects.List<ValidatingAdmissionPolicyBinding>("").ToLookup(b => b.Spec.PolicyName, StringComparer.Ordinal);
        var byUid = new Dictionary<string, Compiled>(StringComparer.Ordinal);
        var policies = new List<BoundPolicy>();
        foreach (var policy in objects.List<ValidatingAdmissionPolicy>("").Where(p => bindings.Contains(p.Metadata.Name)).OrderBy(p => p.Metadata.Name, StringComparer.Ordinal))
        {
            var (uid, counter) = (policy.Metadata.Uid, policy.Metadata.Generation);
            var compiled = before.GetValueOrDefault(uid) is { } kept && kept.Generation == counter ? kept : new(counter, new(policy, minor));
            byUid[uid] = compiled;
            policies.Add(new(compiled.Policy, [.. bindings[policy.Metadata.Name].OrderBy(b => b.Metadata.Name, StringComparer.Ordinal).Select(b => (b, new ResourceMatch(b.Spec.MatchResources)))]));
        }

        return new(generation, policies, byUid);
    }

    private sealed record Compiled(long Generation, ValidatingPolicy Policy);

    private sealed record Known((long Policies, long Bindings) Generation, IReadOnlyList<BoundPolicy> Policies, IReadOnlyDictionary<string, Compiled> ByUid);
}
