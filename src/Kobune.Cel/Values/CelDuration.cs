using System.Buffers;
using System.Globalization;
using Kobune.Cel.Types;

namespace Kobune.Cel.Values;

/// <summary>A span of time in nanoseconds (Go's time.Duration).</summary>
public sealed class CelDuration(long nanoseconds) : CelValue
{
    private static readonly (string Unit, long Nanoseconds)[] Units =
        [("ns", 1), ("us", 1_000), ("µs", 1_000), ("μs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000)];

    private static readonly SearchValues<char> Numerals = SearchValues.Create("0123456789.");

    /// <summary>The span; negative ones go back.</summary>
    public long Nanoseconds { get; } = nanoseconds;

    public override CelType Type => CelType.Duration;

    /// <summary>Reads Go's form, such as "1h30m" or "-1.5s"; null when it is none or does not fit.</summary>
    public static CelDuration? Parse(string text)
    {
        var rest = text.AsSpan();
        var negative = rest.StartsWith("-");
        if (negative || rest.StartsWith("+"))
        {
            rest = rest[1..];
        }

        if (rest is "0")
        {
            return new(0);
        }

        decimal sum = 0;
        var any = false;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(Numerals);
            if (digits <= 0 || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount))
            {
                return null;
            }

            rest = rest[digits..];
            var end = rest.IndexOfAny(Numerals);
            var name = (end < 0 ? rest : rest[..end]).ToString();
            var unit = Array.Find(Units, u => u.Unit == name);
            if (unit.Unit is null || amount > 9_300_000_000_000_000_000m / unit.Nanoseconds)
            {
                return null;
            }

            sum += decimal.Truncate(amount * unit.Nanoseconds);
            any = true;
            rest = rest[name.Length..];
        }

        sum = negative ? -sum : sum;
        return any && sum is >= long.MinValue and <= long.MaxValue ? new((long)sum) : null;
    }

    public override bool EqualTo(CelValue other) => other is CelDuration d && d.Nanoseconds == Nanoseconds;

    /// <summary>Seconds with a fraction and the unit: "5400s", "0.5s".</summary>
    public override string ToString()
    {
        var seconds = Nanoseconds / 1_000_000_000;
        var rest = Nanoseconds % 1_000_000_000;
        return GoText.DoublePlain(seconds + (rest / 1e9)) + "s";
    }

    internal override int? CompareWith(CelValue other) => other is CelDuration d ? Nanoseconds.CompareTo(d.Nanoseconds) : null;

    internal override int Hash() => Nanoseconds.GetHashCode();
}
