using Kobune.Api.Core.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Storage;

/// <summary>Where volumes of a class may be made: no key twice in a term, no value twice for a key, no term twice. Source: pkg/apis/core/validation, ValidateTopologySelectorTerm.</summary>
internal static class TopologyRules
{
    public static void Validate(IReadOnlyList<TopologySelectorTerm> terms, string path, FieldErrors errors)
    {
        // Upstream looks for each term among as many empty ones as there are terms, and those before it.
        var known = terms.Select(_ => new Dictionary<string, HashSet<string>>(StringComparer.Ordinal)).ToList();
        for (var i = 0; i < terms.Count; i++)
        {
            var term = Term(terms[i], $"{path}[{i}].matchLabelExpressions", errors);
            foreach (var _ in known.Where(k => IsSame(k, term)))
            {
                errors.Duplicate($"{path}[{i}].matchLabelExpressions", "");
            }

            known.Add(term);
        }
    }

    private static Dictionary<string, HashSet<string>> Term(TopologySelectorTerm term, string path, FieldErrors errors)
    {
        var keys = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        for (var i = 0; i < term.MatchLabelExpressions.Count; i++)
        {
            var expression = term.MatchLabelExpressions[i];
            var values = Values(expression, $"{path}[{i}]", errors);
            if (keys.ContainsKey(expression.Key))
            {
                errors.Duplicate($"{path}[{i}].key", expression.Key);
            }

            keys[expression.Key] = values;
        }

        return keys;
    }

    private static HashSet<string> Values(TopologySelectorLabelRequirement expression, string path, FieldErrors errors)
    {
        var values = new HashSet<string>(StringComparer.Ordinal);
        if (expression.Values.Count == 0)
        {
            errors.Required(path + ".values", "");
        }

        for (var i = 0; i < expression.Values.Count; i++)
        {
            if (!values.Add(expression.Values[i]))
            {
                errors.Duplicate($"{path}.values[{i}]", expression.Values[i]);
            }
        }

        errors.Names(path + ".key", expression.Key, NameValidation.QualifiedName(expression.Key));
        return values;
    }

    private static bool IsSame(Dictionary<string, HashSet<string>> one, Dictionary<string, HashSet<string>> other) =>
        one.Count == other.Count && one.All(o => other.TryGetValue(o.Key, out var values) && values.SetEquals(o.Value));
}
