using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>Keys of labels whose values a pod takes into its own selectors (upstream's validateMatchLabelKeys...).</summary>
internal static class LabelKeyRules
{
    private const string NeedsSelector = "must not be specified when labelSelector is not set";
    private const string Both = "exists in both matchLabelKeys and ";

    public static void Affinity(PodAffinityTerm term, string path, FieldErrors errors)
    {
        Keys(term.MatchLabelKeys, term.LabelSelector, path + ".matchLabelKeys", errors);
        Keys(term.MismatchLabelKeys, term.LabelSelector, path + ".mismatchLabelKeys", errors);
        Twice(term.MatchLabelKeys, term.LabelSelector, path, errors); // upstream's path is that of the term with the key's index
        for (var i = 0; i < term.MatchLabelKeys.Count; i++)
        {
            if (term.MismatchLabelKeys.Contains(term.MatchLabelKeys[i]))
            {
                errors.Invalid($"{path}.matchLabelKeys[{i}]", term.MatchLabelKeys[i], Both + "mismatchLabelKeys");
            }
        }
    }

    /// <summary>The keys' terms are in the selector since 1.34; before, keys and selector may have nothing in common. <paramref name="other"/>: by the other of the two rules, as what was stored under it stays.</summary>
    public static void Spread(TopologySpreadConstraint constraint, string path, bool other, FieldErrors errors)
    {
        if (errors.Features.IsEnabled("MatchLabelKeysInPodTopologySpreadSelectorMerge") != other)
        {
            Keys(constraint.MatchLabelKeys, constraint.LabelSelector, path + ".matchLabelKeys", errors);
            Twice(constraint.MatchLabelKeys, constraint.LabelSelector, path, errors); // as above
        }
        else if (constraint.MatchLabelKeys.Count > 0)
        {
            Apart(constraint, path + ".matchLabelKeys", errors);
        }
    }

    private static void Apart(TopologySpreadConstraint constraint, string path, FieldErrors errors)
    {
        if (constraint.LabelSelector is null)
        {
            errors.Forbidden(path, NeedsSelector);
        }

        for (var i = 0; i < constraint.MatchLabelKeys.Count; i++)
        {
            var key = constraint.MatchLabelKeys[i];
            errors.Names($"{path}[{i}]", key, NameValidation.QualifiedName(key));
            if (constraint.LabelSelector is { } selector && (selector.MatchLabels.ContainsKey(key) || selector.MatchExpressions.Any(e => e.Key == key)))
            {
                errors.Invalid($"{path}[{i}]", key, Both + "labelSelector");
            }
        }
    }

    private static void Keys(IReadOnlyList<string> keys, LabelSelector? selector, string path, FieldErrors errors)
    {
        if (keys.Count > 0 && selector is null)
        {
            errors.Forbidden(path, NeedsSelector);
            return;
        }

        for (var i = 0; i < keys.Count; i++)
        {
            errors.Names($"{path}[{i}]", keys[i], NameValidation.QualifiedName(keys[i]));
        }
    }

    // The selector has the terms that were made of the keys already (LabelKeyMerge): a key that it has twice was also the user's.
    private static void Twice(IReadOnlyList<string> keys, LabelSelector? selector, string path, FieldErrors errors)
    {
        var seen = new HashSet<string>(selector?.MatchLabels.Keys ?? [], StringComparer.Ordinal);
        foreach (var expression in selector?.MatchExpressions ?? [])
        {
            var index = keys.ToList().LastIndexOf(expression.Key);
            if (!seen.Add(expression.Key) && index >= 0)
            {
                errors.Invalid($"{path}[{index}]", expression.Key, Both + "labelSelector");
            }
        }
    }
}
