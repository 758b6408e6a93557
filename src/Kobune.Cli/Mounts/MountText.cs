using System.Globalization;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;
using Kobune.Machine.Mounts;

namespace Kobune.Cli.Mounts;

/// <summary>From the words of a command line to mounts.</summary>
internal static class MountText
{
    private static readonly string[] Known = ["nosuid", "nodev", "noexec", "noatime"];

    // They say what a bind mount does anyway.
    private static readonly string[] Harmless = ["rw", "suid", "dev", "exec", "atime", "relatime"];

    /// <summary>"HOST:NODE", split at the last colon.</summary>
    /// <param name="text">The words.</param>
    /// <param name="user">--uid: a number or a name.</param>
    /// <param name="group">--gid.</param>
    /// <param name="mode">--mode, octal.</param>
    /// <param name="options">--options, of mount.</param>
    public static HostMount Parse(string text, string? user, string? group, string? mode, IReadOnlyList<string> options)
    {
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !text[(colon + 1)..].StartsWith('/'))
        {
            throw new CliException(Reason.Usage, Message.MountBad, text);
        }

        var source = Path.GetFullPath(text[..colon]);
        if (!Directory.Exists(source))
        {
            throw new CliException(Reason.PathMissing, Message.PathMissing, source);
        }

        string[] words = [.. options.SelectMany(o => o.Split(',', StringSplitOptions.RemoveEmptyEntries))];
        if (words.FirstOrDefault(w => w != "ro" && !Known.Contains(w) && !Harmless.Contains(w)) is { } unknown)
        {
            throw new CliException(Reason.Usage, Message.BadValue, $"\"{unknown}\"", "--options");
        }

        return new()
        {
            Source = source,
            Target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(text[(colon + 1)..])),
            ReadOnly = words.Contains("ro"),
            Options = [.. words.Where(Known.Contains)],
            User = user is null ? null : Id(user, "/etc/passwd", "--uid"),
            Group = group is null ? null : Id(group, "/etc/group", "--gid"),
            Mode = mode is null ? 0b111_101_101 : Octal(mode),
        };
    }

    private static uint Id(string text, string file, string option)
    {
        if (uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            return id;
        }

        var entry = File.ReadLines(file).Select(l => l.Split(':')).FirstOrDefault(f => f.Length > 2 && f[0] == text);
        return entry is null ? throw new CliException(Reason.Usage, Message.BadValue, $"\"{text}\"", option) : uint.Parse(entry[2], CultureInfo.InvariantCulture);
    }

    private static int Octal(string text)
    {
        try
        {
            return Convert.ToInt32(text, 8) is >= 0 and <= 4095 and var mode ? mode : throw new FormatException();
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
        {
            throw new CliException(Reason.Usage, Message.BadValue, $"\"{text}\"", "--mode");
        }
    }
}
