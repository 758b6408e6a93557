using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Cel;

namespace Kobune.ApiServer.CustomResources;

/// <summary>A number as Go holds it: 64 bits, whole ones exactly as long as they fit. Source: k8s.io/kube-openapi, validation/validate (numberValidator, values.go).</summary>
internal readonly struct SchemaNumber
{
    private const double LargestExact = 9007199254740991;
    private const double Epsilon = 1e-9;
    private readonly long _whole;
    private readonly double _value;

    private SchemaNumber(bool isInt, long whole, double value) => (IsInt, _whole, _value) = (isInt, whole, value);

    /// <summary>It was written without a fraction or an exponent, and fits in 64 bits.</summary>
    public bool IsInt { get; }

    /// <summary>It counts as an integer: it has no fraction, and no digit of it can be lost.</summary>
    public bool IsWhole => IsInt || IsWholeNumber(_value);

    /// <summary>As messages show it.</summary>
    public object Shown => IsInt ? _whole : new Text(GoForms.Double(_value));

    public static SchemaNumber? Of(JsonNode? value)
    {
        if (value is not JsonValue scalar || scalar.GetValueKind() != JsonValueKind.Number)
        {
            return null;
        }

        var text = scalar.ToString();
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
            ? new(true, whole, whole)
            : new(false, 0, double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture));
    }

    public bool IsSame(SchemaNumber other) => (IsInt, other.IsInt) switch
    {
        (true, true) => _whole == other._whole,
        (false, true) => (long)_value == other._whole, // Go converts what it finds to the type that the schema has
        _ => _value == other._value,
    };

    /// <summary>Range of the type, multipleOf, minimum and maximum.</summary>
    public void Check(JsonObject schema, SchemaForm form, string path, SchemaResult result)
    {
        var type = form.Types is ["integer" or "number"] ? form.Types[0] : "";
        var format = type.Length > 0 ? form.Format : "";
        InRange("Checked", type, format, path, result);
        if (Of(schema["multipleOf"]) is { } factor)
        {
            Multiple(factor, factor.InRange("MultipleOf", type, format, path, result), path, result);
        }

        if (Of(schema["minimum"]) is { } least)
        {
            var exact = least.InRange("Minimum boundary", type, format, path, result);
            Boundary(least, exact, isMinimum: true, schema.Flag("exclusiveMinimum"), path, result);
        }

        if (Of(schema["maximum"]) is { } most)
        {
            var exact = most.InRange("Maximum boundary", type, format, path, result);
            Boundary(most, exact, isMinimum: false, schema.Flag("exclusiveMaximum"), path, result);
        }

        result.Count();
    }

    private bool InRange(string what, string type, string format, string path, SchemaResult result)
    {
        var text = IsInt ? _whole.ToString(CultureInfo.InvariantCulture) : GoForms.DoublePlain(_value);
        var fits = (type, format) switch
        {
            ("integer", "int32") => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
            ("integer", _) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
            (_, "float") => float.IsFinite((float)_value),
            _ => true,
        };
        if (!fits)
        {
            result.Composite($"{what} value must be of type {type} {(format.Length > 0 ? $"with format {format}" : "(default format)")} in {path}");
        }

        return fits;
    }

    private void Boundary(SchemaNumber limit, bool isExact, bool isMinimum, bool isExclusive, string path, SchemaResult result)
    {
        var isWhole = IsInt && isExact;
        var compared = isWhole ? _whole.CompareTo((long)limit._value) : _value.CompareTo(limit._value);
        if ((isMinimum ? compared < 0 : compared > 0) || (isExclusive && compared == 0))
        {
            var shown = isWhole ? ((long)limit._value).ToString(CultureInfo.InvariantCulture) : GoForms.Double(limit._value);
            result.Invalid(path, Shown, $"{path} in body should be {(isMinimum ? "greater" : "less")} than {(isExclusive ? "" : "or equal to ")}{shown}");
        }
    }

    private void Multiple(SchemaNumber factor, bool isExact, string path, SchemaResult result)
    {
        var isWhole = IsInt && isExact;
        var shown = isWhole ? ((long)factor._value).ToString(CultureInfo.InvariantCulture) : GoForms.Double(factor._value);
        if (isWhole ? (long)factor._value <= 0 : factor._value <= 0)
        {
            result.Invalid(path, isWhole ? (long)factor._value : new Text(shown), $"factor MultipleOf declared for {path} must be positive: {shown}");
            return;
        }

        var times = factor._value < 1 ? 1 / factor._value * _value : _value / factor._value;
        if (isWhole ? _whole % (long)factor._value != 0 : !IsWholeNumber(times))
        {
            result.Invalid(path, Shown, $"{path} in body should be a multiple of {shown}");
        }
    }

    private static bool IsWholeNumber(double value)
    {
        if (!double.IsFinite(value) || Math.Abs(value) > LargestExact)
        {
            return false;
        }

        var nearest = Math.Truncate(Math.Abs(value));
        var difference = Math.Abs(Math.Abs(value) - nearest);
        return difference == 0 || (nearest != 0 && difference / (Math.Abs(value) + nearest) < Epsilon);
    }

    /// <summary>A number that shows itself.</summary>
    private sealed record Text(string Value) : IFormattable
    {
        public string ToString(string? format, IFormatProvider? formatProvider) => Value;

        public override string ToString() => Value;
    }
}
