using Kobune.Api;
using Kobune.Api.Meta.V1;

namespace Kobune.ControllerManager.GarbageCollector;

/// <summary>Kinds by group and name, as discovery last named them; the version of a reference does not matter.</summary>
internal sealed class OwnerKinds
{
    private volatile Dictionary<(string Group, string Kind), ResourceDescriptor> _kinds = [];

    public void Replace(IEnumerable<ResourceDescriptor> resources) =>
        _kinds = resources.GroupBy(r => (r.Group, r.Kind)).ToDictionary(g => g.Key, g => g.First());

    public ResourceDescriptor? Find(OwnerReference reference)
    {
        var slash = reference.APIVersion.IndexOf('/', StringComparison.Ordinal);
        return _kinds.GetValueOrDefault((slash < 0 ? "" : reference.APIVersion[..slash], reference.Kind));
    }
}
