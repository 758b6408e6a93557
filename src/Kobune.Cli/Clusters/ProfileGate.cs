using System.Globalization;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;
using Kobune.Machine.Host;

namespace Kobune.Cli.Clusters;

/// <summary>
/// One command at a time changes a profile. A `start` that holds the gate writes down its process, so that `stop` and `delete` need not wait until it
/// has finished: they end it first.
/// </summary>
internal sealed class ProfileGate : IDisposable
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(30);
    private readonly FolderLock _lock;
    private readonly string? _owner;

    private ProfileGate(FolderLock held, string? owner)
    {
        _lock = held;
        _owner = owner;
    }

    /// <summary>For `start`: waits until no other command changes the profile.</summary>
    public static async Task<ProfileGate> ForStartAsync(CommandContext context, string profile, CancellationToken ct)
    {
        var held = await FolderLock.AcquireAsync(context.Home.Profile(profile), context.Time, ct);
        var owner = OwnerFile(context, profile);
        try
        {
            var self = HostProcess.Of(Environment.ProcessId)!;
            await File.WriteAllTextAsync(owner, string.Create(CultureInfo.InvariantCulture, $"{self.Pid} {self.StartTime} {self.BootId}\n"), ct);
            return new(held, owner);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>For `stop`, `delete` and other changes: ends a `start` that is under way, then waits for the gate.</summary>
    public static async Task<ProfileGate> ForChangeAsync(CommandContext context, Reporter reporter, string profile, CancellationToken ct)
    {
        if (OwnerOf(context, profile) is { IsRunning: true } start)
        {
            reporter.Warn(Message.EndingStart, profile, start.Pid);
            if (!await start.TerminateAsync(EndLimit, context.Time, ct))
            {
                await start.KillAsync(EndLimit, context.Time, ct);
            }
        }

        return new(await FolderLock.AcquireAsync(context.Home.Profile(profile), context.Time, ct), null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_owner is not null && File.Exists(_owner))
        {
            File.Delete(_owner);
        }

        _lock.Dispose();
    }

    private static HostProcess? OwnerOf(CommandContext context, string profile)
    {
        try
        {
            var words = File.ReadAllText(OwnerFile(context, profile)).Split(' ', StringSplitOptions.TrimEntries);
            return words.Length == 3 ? new(int.Parse(words[0], CultureInfo.InvariantCulture), long.Parse(words[1], CultureInfo.InvariantCulture), words[2]) : null;
        }
        catch (Exception e) when (e is IOException or FormatException)
        {
            return null; // nobody starts it, or a crash tore the file
        }
    }

    private static string OwnerFile(CommandContext context, string profile) => Path.Combine(context.Home.Profile(profile), "starting");
}
