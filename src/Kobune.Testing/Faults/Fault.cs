using Kobune.Api.Meta.V1;
using Kobune.ApiServer.Requests;

namespace Kobune.Testing.Faults;

/// <summary>A fault that is on until it is disposed of, or has happened as often as it was to.</summary>
public sealed class Fault : IDisposable
{
    private readonly FaultPlan _plan;
    private int _hits;

    internal Fault(FaultPlan plan, RequestMatch match, int times, double probability)
    {
        (_plan, Match, Times, Probability) = (plan, match, times, probability);
    }

    /// <summary>Which requests it is for.</summary>
    public RequestMatch Match { get; }

    /// <summary>How often it happened.</summary>
    public int Hits => Volatile.Read(ref _hits);

    internal int Times { get; }

    internal double Probability { get; }

    internal TimeSpan Latency { get; init; }

    internal Func<ApiCall, Status>? Refusal { get; init; }

    /// <summary>Ends it.</summary>
    public void Dispose() => _plan.Remove(this);

    /// <summary>Whether it happens to a request; counts it. Under the plan's lock.</summary>
    internal bool Strikes(ApiCall call, Random dice)
    {
        if (_hits >= Times || !Match.Matches(call) || (Probability < 1 && dice.NextDouble() >= Probability))
        {
            return false;
        }

        _hits++;
        return true;
    }
}
