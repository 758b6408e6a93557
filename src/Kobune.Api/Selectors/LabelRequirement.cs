using System.Globalization;

namespace Kobune.Api.Selectors;

/// <summary>One term of a label selector.</summary>
/// <param name="Key">Label key.</param>
/// <param name="Operator">How it compares.</param>
/// <param name="Values">Values, sorted; one for equality and order, none for existence.</param>
public sealed record LabelRequirement(string Key, SelectorOperator Operator, IReadOnlyList<string> Values)
{
    /// <summary>Whether a set of labels meets the requirement.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        var present = labels.TryGetValue(Key, out var value);
        return Operator switch
        {
            SelectorOperator.Exists => present,
            SelectorOperator.DoesNotExist => !present,
            SelectorOperator.Equal or SelectorOperator.In => present && Contains(value!),
            SelectorOperator.NotEqual or SelectorOperator.NotIn => !present || !Contains(value!),
            SelectorOperator.GreaterThan => present && Number(value!) is { } have && Number(Values[0]) is { } than && have > than,
            _ => present && Number(value!) is { } have && Number(Values[0]) is { } than && have < than,
        };
    }

    /// <summary>Upstream's text form.</summary>
    public override string ToString() => Operator switch
    {
        SelectorOperator.Exists => Key,
        SelectorOperator.DoesNotExist => "!" + Key,
        SelectorOperator.Equal => Key + "=" + Values[0],
        SelectorOperator.NotEqual => Key + "!=" + Values[0],
        SelectorOperator.In => $"{Key} in ({string.Join(',', Values)})",
        SelectorOperator.NotIn => $"{Key} notin ({string.Join(',', Values)})",
        SelectorOperator.GreaterThan => Key + ">" + Values[0],
        _ => Key + "<" + Values[0],
    };

    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    private bool Contains(string value)
    {
        for (var i = 0; i < Values.Count; i++)
        {
            if (string.Equals(Values[i], value, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
