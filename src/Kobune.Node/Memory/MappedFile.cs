using System.Globalization;

namespace Kobune.Node.Memory;

/// <summary>One mapping of this process as /proc/self/smaps describes it (proc_pid_smaps(5)).</summary>
/// <param name="Start">The first address.</param>
/// <param name="Length">In bytes.</param>
/// <param name="Resident">How much of it is in memory, in KiB.</param>
/// <param name="IsClean">Whether all that is there can be read from its file again: it is a file's, nobody may write to it, and nothing of it was changed.</param>
internal readonly record struct MappedFile(nint Start, nint Length, long Resident, bool IsClean)
{
    /// <summary>The mappings, in the order of their addresses.</summary>
    public static IEnumerable<MappedFile> Read(IEnumerable<string> smaps)
    {
        MappedFile? open = null;
        foreach (var line in smaps)
        {
            if (line.Length > 0 && char.IsAsciiHexDigitLower(line[0]))
            {
                if (open is { } whole)
                {
                    yield return whole;
                }

                open = Header(line);
            }
            else if (open is { } mapping)
            {
                open = Detail(mapping, line);
            }
        }

        if (open is { } last)
        {
            yield return last;
        }
    }

    // 7f0c1c000000-7f0c1c021000 r-xp 00001000 fe:01 1234    /usr/lib/kobune/kobune
    private static MappedFile Header(string line)
    {
        var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var range = fields[0].Split('-');
        var start = long.Parse(range[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        var end = long.Parse(range[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return new((nint)start, (nint)(end - start), 0, !fields[1].Contains('w', StringComparison.Ordinal) && fields.Length > 5 && fields[5][0] == '/');
    }

    private static MappedFile Detail(MappedFile mapping, string line)
    {
        var kibibytes = line.StartsWith("Rss:", StringComparison.Ordinal) || line.StartsWith("Anonymous:", StringComparison.Ordinal) || line.StartsWith("Private_Dirty:", StringComparison.Ordinal) || line.StartsWith("Locked:", StringComparison.Ordinal)
            ? long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)
            : 0;
        return line.StartsWith("Rss:", StringComparison.Ordinal)
            ? mapping with { Resident = kibibytes }
            : mapping with { IsClean = mapping.IsClean && kibibytes == 0 };
    }
}
