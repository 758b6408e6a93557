using Kobune.Api.Clocks;
using Kobune.Api.Coordination.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client.Events;
using Microsoft.Extensions.Logging;

namespace Kobune.Client.LeaderElection;

/// <summary>
/// One leader among several processes, by a Lease. Clocks of the candidates need not agree: a candidate measures from when it saw the record
/// change. Source: client-go, tools/leaderelection.
/// </summary>
public sealed partial class LeaderElector(IClient client, LeaderElectionOptions options, TimeProvider time, ILogger logger, IEventRecorder? events = null)
{
    private const double JitterFactor = 1.2;
    private Lease? _observed;
    private LeaseSpec? _observedSpec;
    private long _observedAt;

    /// <summary>Who leads, as far as was seen; empty when nobody does.</summary>
    public string Leader => _observedSpec?.HolderIdentity ?? "";

    /// <summary>Whether we lead.</summary>
    public bool IsLeader => Leader == options.Identity;

    /// <summary>Waits for leadership, then runs <paramref name="lead"/> with a token that ends with it.</summary>
    /// <exception cref="LeadershipLostException">The lease could not be renewed in time; what led has ended.</exception>
    public async Task RunAsync(Func<CancellationToken, Task> lead, CancellationToken ct)
    {
        while (!await TryAsync(ct))
        {
            await Task.Delay(options.RetryPeriod * (1 + (Dice.Of(time).NextDouble() * JitterFactor)), time, ct);
        }

        LogElected(options.Name, options.Identity);
        RecordChange("became leader");
        using var leading = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var work = lead(leading.Token);
        var renewal = RenewAsync(leading.Token);
        try
        {
            await Task.WhenAny(work, renewal);
        }
        finally
        {
            await leading.CancelHereAsync();
        }

        var kept = await renewal;
        await Ended(work, leading.Token);
        if (kept)
        {
            await ReleaseAsync();
            return;
        }

        RecordChange("stopped leading");
        throw new LeadershipLostException($"{options.Identity} lost the lease {options.Namespace}/{options.Name}: it was not renewed within {options.RenewDeadline.TotalSeconds:0.#} s.");
    }

    private static async Task Ended(Task work, CancellationToken stop)
    {
        try
        {
            await work;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // It was asked to end.
        }
    }

    /// <summary>Renews until cancelled (true), or until the deadline passed without success (false).</summary>
    private async Task<bool> RenewAsync(CancellationToken ct)
    {
        var renewed = time.GetTimestamp();
        try
        {
            while (true)
            {
                await Task.Delay(options.RetryPeriod, time, ct);
                var left = options.RenewDeadline - time.GetElapsedTime(renewed);
                if (left <= TimeSpan.Zero)
                {
                    return false;
                }

                using var deadline = new CancellationTokenSource(left, time);
                using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);
                try
                {
                    if (await TryAsync(both.Token))
                    {
                        renewed = time.GetTimestamp();
                    }
                }
                catch (OperationCanceledException) when (deadline.IsCancellationRequested && !ct.IsCancellationRequested)
                {
                    return false;
                }
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return true;
        }
    }

    /// <summary>One attempt to take or renew the lease.</summary>
    private async Task<bool> TryAsync(CancellationToken ct)
    {
        try
        {
            return await TryTakeOrRenewAsync(ct);
        }
        catch (Exception e) when (e is ApiException or HttpRequestException)
        {
            LogAttemptFailed(options.Name, e.Message);
            return false;
        }
    }

    private async Task<bool> TryTakeOrRenewAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var spec = new LeaseSpec { HolderIdentity = options.Identity, LeaseDurationSeconds = (int)options.LeaseDuration.TotalSeconds, AcquireTime = now, RenewTime = now, LeaseTransitions = 0 };
        Lease lease;
        try
        {
            // The holder knows the lease and saves the read: a conflict says so if someone else wrote.
            lease = IsLeader && _observed is not null ? _observed : await client.GetAsync<Lease>(options.Namespace, options.Name, ct);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            Observe(await client.CreateAsync(new Lease { Metadata = new ObjectMeta { Namespace = options.Namespace, Name = options.Name }, Spec = spec }, ct));
            return true;
        }

        var held = lease.Spec;
        if (_observedSpec != held)
        {
            Observe(lease);
        }

        var holder = held.HolderIdentity ?? "";
        var ours = holder == options.Identity;
        if (!ours && holder.Length > 0 && time.GetElapsedTime(_observedAt) < TimeSpan.FromSeconds(held.LeaseDurationSeconds ?? options.LeaseDuration.TotalSeconds))
        {
            return false;
        }

        spec = ours
            ? spec with { AcquireTime = held.AcquireTime, LeaseTransitions = held.LeaseTransitions }
            : spec with { LeaseTransitions = (held.LeaseTransitions ?? 0) + 1 };
        try
        {
            Observe(await client.UpdateAsync(lease with { Spec = spec }, ct));
            return true;
        }
        catch (ApiException e) when (e.IsConflict && ours)
        {
            Observe(await client.GetAsync<Lease>(options.Namespace, options.Name, ct)); // look before the next attempt
            return false;
        }
    }

    private void Observe(Lease lease)
    {
        _observed = lease;
        _observedSpec = lease.Spec;
        _observedAt = time.GetTimestamp();
    }

    private async Task ReleaseAsync()
    {
        if (!options.ReleaseOnCancel || !IsLeader || _observed is not { } lease)
        {
            return;
        }

        var now = time.GetUtcNow();
        try
        {
            using var deadline = new CancellationTokenSource(options.RenewDeadline, time);
            var released = new LeaseSpec { HolderIdentity = "", LeaseDurationSeconds = 1, AcquireTime = now, RenewTime = now, LeaseTransitions = lease.Spec.LeaseTransitions };
            Observe(await client.UpdateAsync(lease with { Spec = released }, deadline.Token));
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or OperationCanceledException)
        {
            LogAttemptFailed(options.Name, e.Message); // the next leader waits for the lease to run out
        }
    }

    private void RecordChange(string what)
    {
        if (events is not null && _observed is { } lease)
        {
            events.Normal(lease, "LeaderElection", $"{options.Identity} {what}");
        }
    }

    [LoggerMessage(LogLevel.Information, "{Lease}: {Identity} leads")]
    private partial void LogElected(string lease, string identity);

    [LoggerMessage(LogLevel.Debug, "{Lease}: an attempt to take or renew failed: {Error}")]
    private partial void LogAttemptFailed(string lease, string error);
}

/// <summary>The process no longer leads and must stop what only a leader does.</summary>
public sealed class LeadershipLostException(string message) : Exception(message);
