using Kobune.Api;
using Kobune.Api.Meta.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds;

/// <summary>The rules that many kinds share, with upstream's words (k8s.io/apimachinery, api/validation and apis/meta/v1/validation).</summary>
internal static class FieldRules
{
    public const string Immutable = "field is immutable";

    // Upstream shows a pointer to nothing as this text, quotes and all, but an empty list or map as a bare null.
    private const string Nil = "null";
    private const string NotNegative = "must be greater than or equal to 0";

    public static void Names(this FieldErrors errors, string path, string value, IReadOnlyList<string> problems)
    {
        foreach (var problem in problems)
        {
            errors.Invalid(path, value, problem);
        }
    }

    public static void NonNegative(this FieldErrors errors, string path, long? value)
    {
        if (value < 0)
        {
            errors.Invalid(path, value, NotNegative);
        }
    }

    public static void NonNegative(this FieldErrors errors, string path, Quantity value)
    {
        if (value.Sign < 0)
        {
            errors.Invalid(path, value, NotNegative);
        }
    }

    public static void Positive(this FieldErrors errors, string path, long? value)
    {
        if (value <= 0)
        {
            errors.Invalid(path, value, "must be greater than 0");
        }
    }

    public static void Between(this FieldErrors errors, string path, long? value, long low, long high)
    {
        if (value < low || value > high)
        {
            errors.Invalid(path, value, NameValidation.InclusiveRange(low, high));
        }
    }

    public static void Port(this FieldErrors errors, string path, long port)
    {
        foreach (var problem in NameValidation.PortNumber(port))
        {
            errors.Invalid(path, port, problem);
        }
    }

    public static void PortNumberOrName(this FieldErrors errors, string path, IntOrString port)
    {
        if (port.IsString)
        {
            errors.Names(path, port.StringValue, NameValidation.PortName(port.StringValue));
        }
        else
        {
            errors.Port(path, port.IntValue);
        }
    }

    /// <summary>A value that must be one of a few; empty is its own problem.</summary>
    public static void OneOf(this FieldErrors errors, string path, string value, params string[] supported)
    {
        if (value.Length == 0)
        {
            errors.Required(path, "");
        }
        else if (!supported.Contains(value))
        {
            errors.NotSupported(path, value, supported);
        }
    }

    /// <summary>A value that must be one of a few, as which an empty one is wrong like any other.</summary>
    public static void OneOfAny(this FieldErrors errors, string path, string value, params string[] supported)
    {
        if (!supported.Contains(value))
        {
            errors.NotSupported(path, value, supported);
        }
    }

    /// <summary>A value that may be left out, as which an empty one does not count.</summary>
    public static void OneOfGiven(this FieldErrors errors, string path, string? value, params string[] supported)
    {
        if (value is not null)
        {
            errors.OneOfAny(path, value, supported);
        }
    }

    public static void OneOfOrEmpty(this FieldErrors errors, string path, string? value, params string[] supported)
    {
        if (!string.IsNullOrEmpty(value) && !supported.Contains(value))
        {
            errors.NotSupported(path, value, supported);
        }
    }

    public static void RequiredName(this FieldErrors errors, string path, string value, Func<string, IReadOnlyList<string>>? rule = null)
    {
        if (value.Length == 0)
        {
            errors.Required(path, "");
        }
        else if (rule is not null)
        {
            errors.Names(path, value, rule(value));
        }
    }

    public static void Labels(this FieldErrors errors, string path, IReadOnlyDictionary<string, string> labels)
    {
        foreach (var (key, value) in labels)
        {
            errors.Names(path, key, NameValidation.QualifiedName(key));
            errors.Names(path, value, NameValidation.LabelValue(value));
        }
    }

    /// <summary>Whether a selector has values that no label can have. What is stored with such ones may be written again with others: they were not looked at once.</summary>
    public static bool HasInvalidValue(LabelSelector? selector) =>
        selector?.MatchExpressions.Any(e => e.Values.Any(v => NameValidation.LabelValue(v).Count > 0)) == true;

    /// <summary><paramref name="anyValues"/>: nobody looks at the values of expressions (upstream's AllowInvalidLabelValueInSelector).</summary>
    public static void Selector(this FieldErrors errors, string path, LabelSelector? selector, bool anyValues = false)
    {
        if (selector is null)
        {
            return;
        }

        errors.Labels(path + ".matchLabels", selector.MatchLabels);
        for (var i = 0; i < selector.MatchExpressions.Count; i++)
        {
            Requirement(errors, $"{path}.matchExpressions[{i}]", selector.MatchExpressions[i], anyValues);
        }
    }

    public static void Same<T>(this FieldErrors errors, string path, T now, T before)
    {
        if (!EqualityComparer<T>.Default.Equals(now, before))
        {
            errors.Invalid(path, now is null ? Nil : now, Immutable);
        }
    }

    public static void SameMap(this FieldErrors errors, string path, IReadOnlyDictionary<string, string> now, IReadOnlyDictionary<string, string> before)
    {
        if (now.Count != before.Count || now.Any(n => before.GetValueOrDefault(n.Key) != n.Value))
        {
            errors.Invalid(path, now, Immutable);
        }
    }

    private static void Requirement(FieldErrors errors, string path, LabelSelectorRequirement requirement, bool anyValues)
    {
        switch (requirement.Operator)
        {
            case "In" or "NotIn":
                if (requirement.Values.Count == 0)
                {
                    errors.Required(path + ".values", "must be specified when `operator` is 'In' or 'NotIn'");
                }

                break;
            case "Exists" or "DoesNotExist":
                if (requirement.Values.Count > 0)
                {
                    errors.Forbidden(path + ".values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                }

                break;
            default:
                errors.Invalid(path + ".operator", requirement.Operator, "not a valid selector operator");
                break;
        }

        errors.Names(path + ".key", requirement.Key, NameValidation.QualifiedName(requirement.Key));
        for (var i = 0; !anyValues && i < requirement.Values.Count; i++)
        {
            errors.Names($"{path}.values[{i}]", requirement.Values[i], NameValidation.LabelValue(requirement.Values[i]));
        }
    }
}
