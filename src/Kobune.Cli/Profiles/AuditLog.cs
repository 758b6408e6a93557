using System.Text.Json;
using System.Text.Json.Serialization;
using Kobune.Cli.Output;
using Kobune.Machine.State;

namespace Kobune.Cli.Profiles;

/// <summary>A command that was run for a profile.</summary>
internal sealed record AuditEntry(string Command, string Args, string Profile, string User, string Version, DateTimeOffset StartTime, DateTimeOffset EndTime, int ExitCode);

[JsonSerializable(typeof(AuditEntry))]
internal sealed partial class AuditJson : JsonSerializerContext;

/// <summary>profiles/NAME/audit.jsonl: the commands that changed a cluster, one JSON object a line. It goes with the profile.</summary>
internal sealed class AuditLog(MachineHome home, string profile)
{
    private const int MostEntries = 1000;
    private static readonly string[] NotLogged = ["status", "version", "versions", "logs", "completion", "options", "profile", "config", "ip", "license", "update-check", "addons list", "node list", "image ls"];

    private string FilePath => Path.Combine(home.Profile(profile), "audit.jsonl");

    /// <summary>Writes a command down, when it is one that counts and the profile exists.</summary>
    public void Record(AuditEntry entry)
    {
        if (entry.Command.Length == 0 || NotLogged.Contains(entry.Command) || !Directory.Exists(home.Profile(profile)))
        {
            return;
        }

        try
        {
            File.AppendAllText(FilePath, JsonSerializer.Serialize(entry, AuditJson.Default.AuditEntry) + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A command never fails because it could not be written down.
        }
    }

    /// <summary>The last entries as a table.</summary>
    public string Table(int length)
    {
        var entries = File.Exists(FilePath) ? File.ReadLines(FilePath).TakeLast(Math.Min(length, MostEntries)).Select(Parse).OfType<AuditEntry>() : [];
        return BoxTable.Render(
            ["COMMAND", "ARGS", "PROFILE", "USER", "VERSION", "START TIME", "END TIME"],
            entries.Select(e => (string[])[e.Command, e.Args, e.Profile, e.User, e.Version, Time(e.StartTime), Time(e.EndTime)]));
    }

    private static string Time(DateTimeOffset time) => time.ToString("dd MMM yy HH:mm 'UTC'", System.Globalization.CultureInfo.InvariantCulture);

    private static AuditEntry? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, AuditJson.Default.AuditEntry);
        }
        catch (JsonException)
        {
            return null; // torn by a crash
        }
    }
}
