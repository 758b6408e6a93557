using Kobune.Api;
using Kobune.Api.Meta.V1;

namespace Kobune.ControllerManager.GarbageCollector;

/// <summary>Kinds by group and name, as discovery last named them; the version of a reference does not matter.</summary>
internal sealed class OwnerKinds
{
    private volatile Dictionary<(string Group, string Kind), ResourceDescriptor> _kinds = [];

    public void Replace(IEnumerable<ResourceDescriptor> resources) =>
        _kinds = resources.GroupBy(r => (r.Group, r.Kind)).ToDictionary(g => g.Key, g => g.First());

    public static string GroupOf(OwnerReference reference) => reference.APIVersion.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash ? reference.APIVersion[..slash] : "";

    public ResourceDescriptor? Find(OwnerReference reference) => _kinds.GetValueOrDefault((GroupOf(reference), reference.Kind));
}
