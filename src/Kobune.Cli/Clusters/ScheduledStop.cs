using System.Globalization;
using Kobune.Cli.Profiles;
using Kobune.Machine.Host;

namespace Kobune.Cli.Clusters;

/// <summary>`stop --schedule`: a detached process of this program waits and then stops the profile. A new schedule, any stop and delete end it.</summary>
internal sealed class ScheduledStop(CommandContext context, string profile)
{
    /// <summary>The hidden command: __stop-later PROFILE SECONDS.</summary>
    public const string Command = "__stop-later";

    private string PidFile => Path.Combine(context.Home.Profile(profile), "pid");

    /// <summary>Plans a stop, in place of one that was planned before.</summary>
    public async Task PlanAsync(TimeSpan delay, CancellationToken ct)
    {
        await CancelAsync(ct);
        var seconds = delay.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        var waiter = await DetachedProcess.StartAsync(Environment.ProcessPath!, [Command, profile, seconds], Path.Combine(context.Home.Profile(profile), "scheduled-stop.log"), ct);
        await File.WriteAllTextAsync(PidFile, string.Create(CultureInfo.InvariantCulture, $"{waiter.Pid} {waiter.StartTime} {waiter.BootId}\n"), ct);
        context.Profiles.Save(context.Profiles.Get(profile) with { ScheduledStop = new() { InitiationTime = context.Time.GetUtcNow().ToUnixTimeSeconds(), Duration = (long)delay.TotalSeconds } });
    }

    /// <summary>Takes a planned stop back; false when none was planned.</summary>
    public async Task<bool> CancelAsync(CancellationToken ct)
    {
        var waiter = Read();
        if (waiter is { IsRunning: true } && waiter.Pid != Environment.ProcessId)
        {
            await waiter.KillAsync(TimeSpan.FromSeconds(5), context.Time, ct);
        }

        File.Delete(PidFile);
        var saved = FindOrNull();
        if (saved is { ScheduledStop: not null })
        {
            context.Profiles.Save(saved with { ScheduledStop = null });
        }

        return waiter is not null;
    }

    /// <summary>What is left until a planned stop; null when none is planned.</summary>
    public static TimeSpan? LeftOf(ProfileConfig profile, TimeProvider time) =>
        profile.ScheduledStop is { } plan && DateTimeOffset.FromUnixTimeSeconds(plan.InitiationTime + plan.Duration) - time.GetUtcNow() is { Ticks: > 0 } left ? left : null;

    /// <summary>"4m52s", as Go writes it.</summary>
    public static string Text(TimeSpan left)
    {
        var seconds = (long)left.TotalSeconds;
        return (seconds >= 3600 ? $"{seconds / 3600}h" : "") + (seconds >= 60 ? $"{seconds / 60 % 60}m" : "") + $"{seconds % 60}s";
    }

    private HostProcess? Read()
    {
        try
        {
            var words = File.ReadAllText(PidFile).Split(' ', StringSplitOptions.TrimEntries);
            return words.Length == 3 ? new(int.Parse(words[0], CultureInfo.InvariantCulture), long.Parse(words[1], CultureInfo.InvariantCulture), words[2]) : null;
        }
        catch (Exception e) when (e is IOException or FormatException)
        {
            return null;
        }
    }

    private ProfileConfig? FindOrNull()
    {
        try
        {
            return context.Profiles.Find(profile);
        }
        catch (Output.CliException)
        {
            return null; // damaged: delete removes it
        }
    }
}
