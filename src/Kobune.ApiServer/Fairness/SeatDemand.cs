namespace Kobune.ApiServer.Fairness;

/// <summary>How many seats a priority level could have used since the last look: average, deviation and peak over time. The level's lock guards it.</summary>
internal sealed class SeatDemand(TimeProvider time)
{
    /// <summary>How slowly a demand that sinks is forgotten.</summary>
    private const double Smoothing = 0.977;

    private long _since = time.GetTimestamp();
    private double _current;
    private double _seconds;
    private double _sum;
    private double _squares;
    private double _peak;

    /// <summary>The peak of the last period.</summary>
    public int HighWatermark { get; private set; }

    /// <summary>The average over the last period.</summary>
    public double Average { get; private set; }

    /// <summary>The standard deviation over the last period.</summary>
    public double Deviation { get; private set; }

    /// <summary>Rises with a demand at once and sinks slowly after it.</summary>
    public double Smoothed { get; private set; }

    /// <summary>The demand is another from now on.</summary>
    public void Set(int seats)
    {
        Advance();
        _current = seats;
        _peak = Math.Max(_peak, seats);
    }

    /// <summary>Ends the period.</summary>
    public void EndPeriod()
    {
        Advance();
        HighWatermark = (int)Math.Round(_peak);
        if (_seconds > 0)
        {
            Average = _sum / _seconds;
            Deviation = Math.Sqrt(Math.Max(0, (_squares / _seconds) - (Average * Average)));
            var envelope = Average + Deviation;
            Smoothed = Math.Max(envelope, (Smoothing * Smoothed) + ((1 - Smoothing) * envelope));
        }

        (_seconds, _sum, _squares, _peak) = (0, 0, 0, _current);
    }

    private void Advance()
    {
        var now = time.GetTimestamp();
        var seconds = time.GetElapsedTime(_since, now).TotalSeconds;
        _since = now;
        _seconds += seconds;
        _sum += _current * seconds;
        _squares += _current * _current * seconds;
    }
}
