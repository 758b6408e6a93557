namespace Kobune.Api.Metrics;

/// <summary>The values of a family's labels, in the family's order; equal when all are.</summary>
/// <param name="values">A value for each label.</param>
public readonly struct LabelValues(params string[] values) : IEquatable<LabelValues>
{
    private readonly string[] _values = values;

    /// <summary>One value.</summary>
    public string this[int index] => _values[index];

    /// <inheritdoc/>
    public bool Equals(LabelValues other) => _values.AsSpan().SequenceEqual(other._values.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is LabelValues other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var value in _values.AsSpan()) // null where there are no labels
        {
            hash.Add(value, StringComparer.Ordinal);
        }

        return hash.ToHashCode();
    }

    /// <summary>Whether all values are equal.</summary>
    public static bool operator ==(LabelValues left, LabelValues right) => left.Equals(right);

    /// <summary>Whether a value differs.</summary>
    public static bool operator !=(LabelValues left, LabelValues right) => !left.Equals(right);
}
