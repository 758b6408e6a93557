using Kobune.Cel.Types;

namespace Kobune.Cel.Values;

/// <summary>A failed evaluation, with the words that cel-go uses.</summary>
public sealed class CelError(string message) : CelValue
{
    internal static readonly CelError NoSuchOverload = new("no such overload");
    internal static readonly CelError IntegerOverflow = new("integer overflow");
    internal static readonly CelError UnsignedOverflow = new("unsigned integer overflow");
    internal static readonly CelError DurationOverflow = new("duration overflow");
    internal static readonly CelError TimestampOverflow = new("timestamp overflow");
    internal static readonly CelError DivisionByZero = new("division by zero");
    internal static readonly CelError ModulusByZero = new("modulus by zero");

    /// <summary>What went wrong.</summary>
    public string Message { get; } = message;

    public override CelType Type => CelType.Error;

    internal static CelError NoSuchKey(string key) => new($"no such key: {key}");

    internal static CelError IndexOutOfBounds(long index) => new($"index out of bounds: {index}");

    internal static CelError OverloadFor(string function, ReadOnlySpan<CelValue> arguments)
    {
        var types = new string[arguments.Length];
        for (var i = 0; i < types.Length; i++)
        {
            types[i] = arguments[i].TypeName;
        }

        return new($"no such overload: {function}({string.Join(", ", types)})");
    }

    public override bool EqualTo(CelValue other) => ReferenceEquals(this, other);

    public override string ToString() => Message;
}
