using Kobune.Api.Core.V1;
using Kobune.Api.Selectors;
using Kobune.Scheduler.Cache;

namespace Kobune.Scheduler.Spreading;

/// <summary>Which pods a spread constraint counts: those of one namespace that match and are not going.</summary>
internal sealed class PodMatcher(string ns, Selector selector) : IEquatable<PodMatcher>
{
    private readonly string _key = $"{ns}\n{selector}";
    private readonly bool _nothing = selector.IsEverything || ReferenceEquals(selector, Selector.Nothing);

    /// <summary>Whether the labels match; an empty selector matches all, though it counts none.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels) => selector.Matches(labels);

    /// <summary>Whether a pod is in the namespace and matches.</summary>
    public bool Concerns(Pod pod) => pod.Metadata.Namespace == ns && selector.Matches(pod.Metadata.Labels);

    public int Count(IReadOnlyList<PodInfo> pods)
    {
        var count = 0;
        for (var i = 0; !_nothing && i < pods.Count; i++)
        {
            var metadata = pods[i].Pod.Metadata;
            count += metadata.Namespace == ns && metadata.DeletionTimestamp is null && selector.Matches(metadata.Labels) ? 1 : 0;
        }

        return count;
    }

    public bool Equals(PodMatcher? other) => ReferenceEquals(this, other) || (other is not null && _nothing == other._nothing && _key == other._key);

    public override bool Equals(object? obj) => Equals(obj as PodMatcher);

    public override int GetHashCode() => _key.GetHashCode(StringComparison.Ordinal);
}
