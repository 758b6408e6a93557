using Kobune.Api.Core.V1;
using Kobune.Api.Validation;

namespace Kobune.ApiServer.Kinds;

/// <summary>Labels of nodes that have a newer name, where somebody selects by them (upstream's pkg/api/node).</summary>
internal static class NodeLabelWarnings
{
    private static readonly Dictionary<string, string> Deprecated = new(StringComparer.Ordinal)
    {
        ["beta.kubernetes.io/arch"] = "deprecated since v1.14; use \"kubernetes.io/arch\" instead",
        ["beta.kubernetes.io/os"] = "deprecated since v1.14; use \"kubernetes.io/os\" instead",
        ["failure-domain.beta.kubernetes.io/region"] = "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead",
        ["failure-domain.beta.kubernetes.io/zone"] = "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead",
        ["beta.kubernetes.io/instance-type"] = "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead",
        ["app.kubernetes.io/created-by"] = "deprecated since v1.9",
        ["scheduler.alpha.kubernetes.io/preferAvoidPods"] = "deprecated since v1.22; use Taints and Tolerations instead",
        ["node-role.kubernetes.io/master"] = "use \"node-role.kubernetes.io/control-plane\" instead",
    };

    /// <summary>What to do instead; null for a label that is fine.</summary>
    public static string? Of(string key) => Deprecated.GetValueOrDefault(key);

    /// <summary>Labels that a node must have.</summary>
    public static IEnumerable<string> OfMap(IReadOnlyDictionary<string, string> labels, Func<string, string> path) =>
        labels.Keys.Order(StringComparer.Ordinal).Where(Deprecated.ContainsKey).Select(k => $"{path(k)}: {Deprecated[k]}");

    /// <summary>A term of a node selector. Values that no label can have are told where validation lets them pass.</summary>
    public static IEnumerable<string> OfTerm(NodeSelectorTerm term, bool checksValues, string path)
    {
        for (var i = 0; i < term.MatchExpressions.Count; i++)
        {
            var (expression, at) = (term.MatchExpressions[i], $"{path}.matchExpressions[{i}]");
            if (Of(expression.Key) is { } instead)
            {
                yield return $"{at}.key: {expression.Key} is {instead}";
            }

            for (var j = 0; checksValues && j < expression.Values.Count; j++)
            {
                foreach (var problem in NameValidation.LabelValue(expression.Values[j]))
                {
                    yield return $"{at}.values[{j}]: {expression.Values[j]} is invalid, {problem}";
                }
            }
        }
    }
}
