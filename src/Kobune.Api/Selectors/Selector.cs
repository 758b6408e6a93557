using System.Globalization;
using Kobune.Api.Validation;

namespace Kobune.Api.Selectors;

/// <summary>
/// A label selector in its compiled form: all requirements must hold. From the text of a query parameter ("app=web,tier in (a,b),!canary")
/// or from the LabelSelector of an object. Source: k8s.io/apimachinery, labels.
/// </summary>
public sealed class Selector
{
    private readonly IReadOnlyList<LabelRequirement> _requirements;
    private readonly bool _nothing;

    private Selector(IReadOnlyList<LabelRequirement> requirements, bool nothing)
    {
        _requirements = requirements;
        _nothing = nothing;
    }

    /// <summary>Matches every object.</summary>
    public static Selector Everything { get; } = new([], nothing: false);

    /// <summary>Matches no object.</summary>
    public static Selector Nothing { get; } = new([], nothing: true);

    /// <summary>The requirements, sorted by key.</summary>
    public IReadOnlyList<LabelRequirement> Requirements => _requirements;

    /// <summary>Whether it lets everything through.</summary>
    public bool IsEverything => !_nothing && _requirements.Count == 0;

    /// <summary>Whether labels meet all requirements.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        if (_nothing)
        {
            return false;
        }

        foreach (var requirement in _requirements)
        {
            if (!requirement.Matches(labels))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>All labels of a map must be there with these values (Service and ReplicationController selectors).</summary>
    public static Selector FromMap(IReadOnlyDictionary<string, string> labels) =>
        labels.Count == 0 ? Everything : Of(labels.Select(l => new LabelRequirement(l.Key, SelectorOperator.Equal, [l.Value])));

    /// <summary>LabelSelectorAsSelector: null matches nothing, an empty one everything.</summary>
    /// <exception cref="FormatException">An operator that does not exist, or values where none or some belong; upstream's words.</exception>
    public static Selector From(Meta.V1.LabelSelector? selector)
    {
        if (selector is null)
        {
            return Nothing;
        }

        var requirements = selector.MatchLabels.Select(l => new LabelRequirement(l.Key, SelectorOperator.Equal, [l.Value])).ToList();
        foreach (var expression in selector.MatchExpressions)
        {
            requirements.Add(expression.Operator switch
            {
                "In" => Valued(expression, SelectorOperator.In),
                "NotIn" => Valued(expression, SelectorOperator.NotIn),
                "Exists" => Bare(expression, SelectorOperator.Exists),
                "DoesNotExist" => Bare(expression, SelectorOperator.DoesNotExist),
                _ => throw new FormatException($"\"{expression.Operator}\" is not a valid label selector operator"),
            });
        }

        return Of(requirements);
    }

    /// <summary>Parses a labelSelector query parameter.</summary>
    /// <exception cref="FormatException">With upstream's message, e.g. <c>unable to parse requirement: found ',', expected: identifier</c>.</exception>
    public static Selector Parse(string text) => text.Length == 0 ? Everything : Of(new LabelSelectorParser(text).Parse());

    /// <summary>Builds from requirements, sorted by key as upstream prints them.</summary>
    public static Selector Of(IEnumerable<LabelRequirement> requirements) =>
        new([.. requirements.OrderBy(r => r.Key, StringComparer.Ordinal)], nothing: false);

    /// <summary>Upstream's text form; empty for everything.</summary>
    public override string ToString() => string.Join(',', _requirements);

    internal static LabelRequirement Checked(string key, SelectorOperator op, IReadOnlyList<string> values)
    {
        var problems = new List<string>();
        void Check(string path, string value, IReadOnlyList<string> found)
        {
            if (found.Count > 0)
            {
                problems.Add($"{path}: Invalid value: {GoQuote.Of(value)}: {string.Join("; ", found)}");
            }
        }

        Check("key", key, NameValidation.QualifiedName(key));
        if (op is SelectorOperator.GreaterThan or SelectorOperator.LessThan && !long.TryParse(values[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
        {
            Check("values[0]", values[0], ["for 'Gt', 'Lt' operators, the value must be an integer"]);
        }

        for (var i = 0; i < values.Count; i++)
        {
            Check(string.Create(CultureInfo.InvariantCulture, $"values[{i}][{key}]"), values[i], NameValidation.LabelValue(values[i]));
        }

        return problems.Count switch
        {
            0 => new(key, op, values),
            1 => throw new FormatException(problems[0]),
            _ => throw new FormatException($"[{string.Join(", ", problems)}]"),
        };
    }

    private static LabelRequirement Valued(Meta.V1.LabelSelectorRequirement expression, SelectorOperator op)
    {
        if (expression.Values.Count == 0)
        {
            throw new FormatException("values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty");
        }

        return Checked(expression.Key, op, [.. expression.Values.Order(StringComparer.Ordinal)]);
    }

    private static LabelRequirement Bare(Meta.V1.LabelSelectorRequirement expression, SelectorOperator op)
    {
        if (expression.Values.Count != 0)
        {
            throw new FormatException("values: Invalid value: " + "[" + string.Join(' ', expression.Values.Select(v => $"\"{v}\"")) + "]: values set must be empty for exists and does not exist");
        }

        return Checked(expression.Key, op, []);
    }
}
