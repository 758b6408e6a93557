using Kobune.Api.Meta.V1;

namespace Kobune.ControllerManager.Disruption;

/// <summary>A label selector as upstream prints it in Events: Go's form of the generated type.</summary>
internal static class SelectorText
{
    public static string Of(LabelSelector? selector) => selector is null
        ? "nil"
        : $"&LabelSelector{{MatchLabels:map[string]string{{{Join(selector.MatchLabels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}: {l.Value}"))}}},MatchExpressions:[]LabelSelectorRequirement{{{Join(selector.MatchExpressions.Select(Of))}}},}}";

    private static string Of(LabelSelectorRequirement expression) => $"LabelSelectorRequirement{{Key:{expression.Key},Operator:{expression.Operator},Values:[{string.Join(' ', expression.Values)}],}}";

    private static string Join(IEnumerable<string> parts) => string.Concat(parts.Select(p => p + ","));
}
