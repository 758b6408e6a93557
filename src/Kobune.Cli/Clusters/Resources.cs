using System.Globalization;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Clusters;

/// <summary>Checks --cpus and --memory.</summary>
internal static class Resources
{
    private const int LeastMemory = 1800;
    private const int LeastCpus = 2;

    /// <summary>CPUs of a node, 0 for no limit.</summary>
    public static int Cpus(string? text, int available, bool force)
    {
        if (text is null or "no-limit" or "max")
        {
            return text == "max" ? available : 0;
        }

        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            throw new CliException(Reason.Usage, Message.BadValue, $"\"{text}\"", "--cpus");
        }

        if (!force && count < LeastCpus)
        {
            throw new CliException(Reason.Cores, Message.TooFewCores, count);
        }

        return force || count <= available ? count : throw new CliException(Reason.Cores, Message.TooManyCores, count, available);
    }

    /// <summary>MB of a node, 0 for no limit.</summary>
    public static int Memory(string? text, int availableMegabytes, bool force)
    {
        if (text is null or "no-limit" or "max")
        {
            return text == "max" ? availableMegabytes : 0;
        }

        var megabytes = Megabytes(text) ?? throw new CliException(Reason.Usage, Message.BadValue, $"\"{text}\"", "--memory");
        if (!force && megabytes < LeastMemory)
        {
            throw new CliException(Reason.MemoryTooSmall, Message.TooLittleMemory, megabytes);
        }

        return force || megabytes <= availableMegabytes ? megabytes : throw new CliException(Reason.MemoryTooLarge, Message.TooMuchMemory, megabytes, availableMegabytes);
    }

    /// <summary>Memory of this computer in MB.</summary>
    public static int AvailableMegabytes() => (int)(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1024 * 1024));

    // A bare number is megabytes; units are b, k, m, g with an optional b or ib.
    private static int? Megabytes(string text)
    {
        var lower = text.ToLowerInvariant().Trim();
        var digits = new string([.. lower.TakeWhile(c => char.IsAsciiDigit(c) || c == '.')]);
        if (!double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }

        double? bytes = lower[digits.Length..].Trim() switch
        {
            "" or "m" or "mb" or "mib" => number * 1024 * 1024,
            "b" => number,
            "k" or "kb" or "kib" => number * 1024,
            "g" or "gb" or "gib" => number * 1024 * 1024 * 1024,
            _ => null,
        };
        return bytes is { } b and < int.MaxValue * 1048576.0 ? (int)(b / 1048576) : null;
    }
}
