namespace Kobune.Testing.Time;

/// <summary>Seeded dice that several threads may throw.</summary>
internal sealed class LockedDice(int seed) : Random
{
    private readonly Lock _lock = new();
    private readonly Random _random = new(seed);

    /// <inheritdoc/>
    public override int Next()
    {
        lock (_lock)
        {
            return _random.Next();
        }
    }

    /// <inheritdoc/>
    public override int Next(int maxValue)
    {
        lock (_lock)
        {
            return _random.Next(maxValue);
        }
    }

    /// <inheritdoc/>
    public override int Next(int minValue, int maxValue)
    {
        lock (_lock)
        {
            return _random.Next(minValue, maxValue);
        }
    }

    /// <inheritdoc/>
    public override double NextDouble()
    {
        lock (_lock)
        {
            return _random.NextDouble();
        }
    }

    /// <inheritdoc/>
    public override void NextBytes(Span<byte> buffer)
    {
        lock (_lock)
        {
            _random.NextBytes(buffer);
        }
    }
}
