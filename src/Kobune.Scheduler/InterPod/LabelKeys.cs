using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Selectors;

namespace Kobune.Scheduler.InterPod;

/// <summary>matchLabelKeys and mismatchLabelKeys: a selector narrowed by values that the pod itself has. Source: registry/core/pod, strategy.go.</summary>
internal static class LabelKeys
{
    /// <summary>A selector that cannot be read matches nothing; the server refuses such pods, so it is not met.</summary>
    public static Selector Compile(LabelSelector? selector)
    {
        try
        {
            return Selector.From(selector);
        }
        catch (FormatException)
        {
            return Selector.Nothing;
        }
    }

    /// <summary>
    /// The server has merged the keys into the selector when the pod was made: what it names already stays. Keys that the pod has not are left out.
    /// A selector that was not given stays "nothing".
    /// </summary>
    public static Selector Narrow(Selector selector, Pod pod, IReadOnlyList<string> match, IReadOnlyList<string> mismatch)
    {
        if ((match.Count == 0 && mismatch.Count == 0) || ReferenceEquals(selector, Selector.Nothing))
        {
            return selector;
        }

        var labels = pod.Metadata.Labels;
        return Selector.Of([.. selector.Requirements, .. Of(match, SelectorOperator.In), .. Of(mismatch, SelectorOperator.NotIn)]);

        IEnumerable<LabelRequirement> Of(IReadOnlyList<string> keys, SelectorOperator op) => keys.Where(key => labels.ContainsKey(key) && !selector.Requirements.Any(r => r.Key == key)).Select(key => new LabelRequirement(key, op, [labels[key]]));
    }
}
