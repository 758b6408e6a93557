using Kobune.Api.FlowControl.V1;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Fairness;

/// <summary>
/// Priority and fairness as it is configured now: the schemas in the order in which they are asked, and the priority levels that share the server's seats.
/// Source: k8s.io/apiserver, util/flowcontrol (apf_controller.go).
/// </summary>
internal sealed class FlowControl
{
    private const double MaxSeatsFraction = 0.15;

    private readonly int _seats;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, PriorityLevel> _levels = new(StringComparer.Ordinal);
    private volatile FlowSchemaState[] _schemas = [];

    /// <summary>With the mandatory objects alone.</summary>
    /// <param name="seats">How many requests, exempt ones apart, the server serves at once.</param>
    /// <param name="time">The clock.</param>
    public FlowControl(int seats, TimeProvider time)
    {
        (_seats, _time) = (seats, time);
        Metrics.Levels = () => Levels;
        Configure([], []);
    }

    public FairnessMetrics Metrics { get; } = new();

    /// <summary>All levels, those that are on their way out included, by name.</summary>
    public IReadOnlyList<PriorityLevel> Levels
    {
        get
        {
            lock (_gate)
            {
                return [.. _levels.Values.OrderBy(l => l.Name, StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>The schema of a request: the first that matches.</summary>
    public FlowSchemaState Classify(ApiCall call)
    {
        var schemas = _schemas;
        foreach (var schema in schemas)
        {
            if (schema.Matches(call.User!, call.Info))
            {
                return schema;
            }
        }

        return Array.Find(schemas, s => s.Name == BootstrapFlows.CatchAll)!; // a user without a group: nobody but tests
    }

    /// <summary>Follows the objects. Broken ones count as absent; what is mandatory is there in any case.</summary>
    public void Configure(IReadOnlyList<PriorityLevelConfiguration> levels, IReadOnlyList<FlowSchema> schemas)
    {
        lock (_gate)
        {
            var wanted = levels.Where(IsSound).ToDictionary(l => l.Metadata.Name, StringComparer.Ordinal);
            foreach (var mandatory in BootstrapFlows.MandatoryLevels)
            {
                wanted.TryAdd(mandatory.Metadata.Name, mandatory);
            }

            foreach (var (name, level) in wanted)
            {
                if (!_levels.TryGetValue(name, out var state))
                {
                    _levels[name] = state = new(name, _time) { NotAccommodated = Metrics.NotAccommodated };
                }

                state.IsQuiescing = false;
                if (!ReferenceEquals(state.Object, level))
                {
                    state.Configure(level);
                }
            }

            foreach (var (name, state) in _levels.Where(l => !wanted.ContainsKey(l.Key)).ToArray())
            {
                state.IsQuiescing = true;
                if (state.IsIdle)
                {
                    _levels.Remove(name);
                }
            }

            var ordered = schemas.Where(s => wanted.ContainsKey(s.Spec.PriorityLevelConfiguration.Name)).ToList();
            ordered.AddRange(BootstrapFlows.MandatorySchemas.Where(m => schemas.All(s => s.Metadata.Name != m.Metadata.Name)));
            ordered.Sort((a, b) => (a.Spec.MatchingPrecedence, a.Metadata.Name).CompareTo((b.Spec.MatchingPrecedence, b.Metadata.Name)));
            _schemas = [.. ordered.Select(s => new FlowSchemaState(s, _levels[s.Spec.PriorityLevelConfiguration.Name], Metrics))];
            ShareOut();
            Adjust();
        }
    }

    /// <summary>Lends and borrows: what the last period showed of each level's demand decides how many seats it has in the next. To be called every 10 s.</summary>
    public void AdjustLimits()
    {
        lock (_gate)
        {
            Adjust();
        }
    }

    private static bool IsSound(PriorityLevelConfiguration level) =>
        (level.Spec.Type == "Exempt") == (level.Metadata.Name == BootstrapFlows.Exempt)
        && (level.Spec.Type == "Exempt" ? level.Spec.Exempt is not null : level.Spec is { Type: "Limited", Limited: { } limited }
            && (limited.LimitResponse.Type == "Queue" ? limited.LimitResponse.Queuing is { Queues: > 0, HandSize: > 0 and <= ShuffleSharding.MaxHandSize } q && q.HandSize <= q.Queues : limited.LimitResponse.Queuing is null));

    /// <summary>The nominal seats by shares; their rounding up may give a few more than there are.</summary>
    private void ShareOut()
    {
        var shares = _levels.Values.Sum(l => (double)Shares(l.Object.Spec));
        foreach (var level in _levels.Values)
        {
            var spec = level.Object.Spec;
            var nominal = shares == 0 ? 0 : (int)Math.Ceiling(_seats * Shares(spec) / shares);
            var lendable = (int)Math.Round(nominal * ((spec.Limited?.LendablePercent ?? spec.Exempt?.LendablePercent ?? 0) / 100.0), MidpointRounding.AwayFromZero);
            var borrowing = spec.Limited?.BorrowingLimitPercent is { } percent ? (int)Math.Round(nominal * (percent / 100.0), MidpointRounding.AwayFromZero) : _seats;
            if (level.Limits == default)
            {
                level.SetLimit(nominal - (lendable / 2)); // a new one
            }

            level.Limits = (nominal, nominal - lendable, nominal + borrowing);
            level.MaxSeats = spec.Limited?.LimitResponse.Queuing is { HandSize: > 0 and var hand } ? Math.Max(1, Math.Min((int)Math.Ceiling(nominal * MaxSeatsFraction), nominal / hand)) : 0;
        }
    }

    private static int Shares(PriorityLevelConfigurationSpec spec) => spec.Limited is { } limited ? limited.NominalConcurrencyShares ?? 0 : spec.Exempt?.NominalConcurrencyShares ?? 0;

    private void Adjust()
    {
        var total = _levels.Values.Sum(l => l.Limits.Nominal);
        var left = total;
        var claims = new List<(PriorityLevel Level, int Least)>();
        foreach (var level in _levels.Values)
        {
            level.EndPeriod();
            if (level.IsExempt)
            {
                var taken = Math.Max(level.Limits.Min, level.Demand.HighWatermark);
                level.Target = taken;
                level.SetLimit(taken);
                left -= taken;
                continue;
            }

            var least = Math.Max(level.Limits.Min, Math.Min(level.Limits.Nominal, level.Demand.HighWatermark));
            level.Target = Math.Max(least, level.Demand.Smoothed);
            claims.Add((level, least));
        }

        var (floor, wished) = (claims.Sum(c => c.Level.Limits.Min), claims.Sum(c => c.Least));
        if (left <= wished)
        {
            // Exempt requests took so much that not even what was used is left.
            var fraction = left <= floor ? 0 : (double)(left - floor) / (wished - floor);
            Metrics.FairFraction = 0;
            foreach (var (level, least) in claims)
            {
                level.SetLimit(level.Limits.Min + (int)Math.Round((least - level.Limits.Min) * fraction, MidpointRounding.AwayFromZero));
            }
        }
        else if (SeatAllocation.Divide(left, [.. claims.Select(c => new SeatClaim(c.Least, c.Level.Limits.Max, c.Level.Target))]) is var (divided, fair))
        {
            Metrics.FairFraction = fair;
            for (var i = 0; i < claims.Count; i++)
            {
                claims[i].Level.SetLimit((int)Math.Round(divided[i], MidpointRounding.AwayFromZero));
            }
        }
    }
}
