namespace Kobune.Api.Clocks;

/// <summary>What is drawn by chance, from the dice of the clock where it has some.</summary>
public static class Dice
{
    private const int VersionAt = 7; // of a GUID's bytes in .NET's order
    private const int VariantAt = 8;

    /// <summary>The dice that belong to a clock.</summary>
    public static Random Of(TimeProvider time) => time is IDiceClock clock ? clock.Dice : Random.Shared;

    /// <summary>A new UID (version 4).</summary>
    public static string NewUid(TimeProvider time)
    {
        if (time is not IDiceClock clock)
        {
            return Guid.NewGuid().ToString();
        }

        Span<byte> bytes = stackalloc byte[16];
        clock.Dice.NextBytes(bytes);
        bytes[VersionAt] = (byte)((bytes[VersionAt] & 0x0f) | 0x40);
        bytes[VariantAt] = (byte)((bytes[VariantAt] & 0x3f) | 0x80);
        return new Guid(bytes).ToString();
    }

    /// <summary>Characters out of <paramref name="choices"/>.</summary>
    public static string NewText(TimeProvider time, ReadOnlySpan<char> choices, int length) => new(Of(time).GetItems(choices, length));
}
