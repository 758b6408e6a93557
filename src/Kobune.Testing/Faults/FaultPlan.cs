using Kobune.Api.Clocks;
using Kobune.Api.Meta.V1;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Pipeline;
using Kobune.ApiServer.Requests;

namespace Kobune.Testing.Faults;

/// <summary>
/// What goes wrong in a cluster, on demand: late and refused requests, watches that end, caches that stay behind. Faults stand behind authentication and
/// authorization and before the endpoints, so they strike clients in the process and over HTTPS alike. Of several that strike, all delay and the oldest refuses.
/// </summary>
public sealed class FaultPlan
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly Random _dice;
    private readonly List<Fault> _faults = [];
    private readonly List<HeldWatches> _held = [];
    private readonly List<FailingWebhooks> _webhooks = [];
    private readonly HashSet<OpenWatch> _watches = [];
    private long _opened;

    internal FaultPlan(TimeProvider time, int seed)
    {
        _time = time;
        _dice = time is IDiceClock clock ? clock.Dice : new Time.LockedDice(seed);
        Gate = new FaultGate(this);
    }

    internal IRequestGate Gate { get; }

    internal Action<ApiCall>? Observer { get; set; }

    /// <summary>Does what sets watches going inside of the cluster, where its clock counts it.</summary>
    internal Action<Action> Inside { get; set; } = static work => work();

    /// <summary>Watches that are open now.</summary>
    public int OpenWatches
    {
        get
        {
            lock (_lock)
            {
                return _watches.Count;
            }
        }
    }

    /// <summary>Requests take this much longer, by the cluster's clock.</summary>
    public Fault Delay(RequestMatch match, TimeSpan latency, int times = int.MaxValue, double probability = 1) =>
        Add(new(this, match, times, probability) { Latency = latency });

    /// <summary>Requests are refused as a write with an old resourceVersion is: 409.</summary>
    public Fault Conflict(RequestMatch match, int times = int.MaxValue, double probability = 1) => Refuse(
        match,
        call => StatusErrors.Conflict(call.Info.ApiGroup, call.Info.Resource, call.Info.Name, "the object has been modified; please apply your changes to the latest version and try again").Status,
        times,
        probability);

    /// <summary>Requests are refused as too many: 429 with Retry-After 1 s.</summary>
    public Fault TooManyRequests(RequestMatch match, int times = int.MaxValue, double probability = 1) =>
        Refuse(match, static _ => StatusErrors.TooManyRequests("Too many requests, please try again later.", 1).Status, times, probability);

    /// <summary>Requests fail with 500.</summary>
    public Fault InternalError(RequestMatch match, int times = int.MaxValue, double probability = 1) =>
        Refuse(match, static _ => StatusErrors.InternalError("a fault of this test").Status, times, probability);

    /// <summary>Requests are refused with any Status.</summary>
    public Fault Refuse(RequestMatch match, Func<ApiCall, Status> status, int times = int.MaxValue, double probability = 1) =>
        Add(new(this, match, times, probability) { Refusal = status });

    /// <summary>Ends the watches that are open now, without a word, as a lost connection does. Tells how many.</summary>
    public int DropWatches(RequestMatch match) => Cut(match, null);

    /// <summary>Ends the watches that are open now with 410 Expired: their clients must list again. Tells how many.</summary>
    public int ExpireWatches(RequestMatch match) => Cut(match, StatusErrors.Expired("too old resource version: a fault of this test").Status);

    /// <summary>Webhooks cannot be reached: the connection is refused.</summary>
    /// <param name="host">The host that is dialled (of a URL, or an endpoint's address); null for all.</param>
    /// <param name="times">How many calls fail; then they go through again.</param>
    public IDisposable FailWebhooks(string? host = null, int times = int.MaxValue)
    {
        var failing = new FailingWebhooks(host, times, f =>
        {
            lock (_lock)
            {
                _webhooks.Remove(f);
            }
        });
        lock (_lock)
        {
            _webhooks.Add(failing);
        }

        return failing;
    }

    /// <summary>Watches tell nothing until the result is disposed of: the caches behind them stay as they are.</summary>
    public IDisposable HoldWatches(RequestMatch match)
    {
        ArgumentNullException.ThrowIfNull(match);
        var held = new HeldWatches(match, h =>
        {
            lock (_lock)
            {
                _held.Remove(h);
            }

            Inside(h.Release);
        });
        lock (_lock)
        {
            _held.Add(held);
        }

        return held;
    }

    /// <summary>Ends all faults.</summary>
    public void Clear()
    {
        HeldWatches[] held;
        lock (_lock)
        {
            _faults.Clear();
            _webhooks.Clear();
            held = [.. _held];
        }

        foreach (var one in held)
        {
            one.Dispose();
        }
    }

    internal bool StrikesWebhook(string host)
    {
        lock (_lock)
        {
            return _webhooks.Exists(w => w.Strikes(host));
        }
    }

    internal void Remove(Fault fault)
    {
        lock (_lock)
        {
            _faults.Remove(fault);
        }
    }

    internal async ValueTask<Status?> EnterAsync(ApiCall call, CancellationToken ct)
    {
        Observer?.Invoke(call);
        var latency = TimeSpan.Zero;
        Status? refusal = null;
        lock (_lock)
        {
            foreach (var fault in _faults)
            {
                if ((fault.Refusal is null || refusal is null) && fault.Strikes(call, _dice))
                {
                    latency += fault.Latency;
                    refusal ??= fault.Refusal?.Invoke(call);
                }
            }
        }

        if (latency > TimeSpan.Zero)
        {
            await Task.Delay(latency, _time, ct);
        }

        return refusal;
    }

    internal IWatchGate Open(ApiCall call)
    {
        lock (_lock)
        {
            var watch = new OpenWatch(this, call, _opened++);
            _watches.Add(watch);
            return watch;
        }
    }

    internal void Close(OpenWatch watch)
    {
        lock (_lock)
        {
            _watches.Remove(watch);
        }
    }

    /// <summary>What holds a watch back now; null for nothing.</summary>
    internal CancellationToken? Holding(ApiCall call)
    {
        lock (_lock)
        {
            return _held.Find(h => h.Match.Matches(call))?.Released;
        }
    }

    private bool IsOpen(OpenWatch watch)
    {
        lock (_lock)
        {
            return _watches.Contains(watch);
        }
    }

    private Fault Add(Fault fault)
    {
        ArgumentNullException.ThrowIfNull(fault.Match);
        lock (_lock)
        {
            _faults.Add(fault);
        }

        return fault;
    }

    private int Cut(RequestMatch match, Status? why)
    {
        OpenWatch[] meant;
        lock (_lock)
        {
            meant = [.. _watches.Where(w => match.Matches(w.Call)).OrderBy(w => w.Number)];
        }

        Inside(() =>
        {
            foreach (var watch in meant.Where(IsOpen))
            {
                watch.CutBy(why);
            }
        });

        return meant.Length;
    }
}
