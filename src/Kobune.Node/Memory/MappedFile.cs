using System.Globalization;

namespace Kobune.Node.Memory;

/// <summary>One mapping of this process as /proc/self/smaps describes it (proc_pid_smaps(5)).</summary>
/// <param name="Start">The first address.</param>
/// <param name="Length">In bytes.</param>
/// <param name="Resident">How much of it is in memory, in KiB.</param>
/// <param name="Contents">What its pages are.</param>
internal readonly record struct MappedFile(nint Start, nint Length, long Resident, MappedContents Contents)
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
        return new((nint)start, (nint)(end - start), 0, fields.Length > 5 && fields[5][0] == '/' ? OfFile(fields[1]) : MappedContents.Other);
    }

    private static MappedContents OfFile(string rights) => !rights.Contains('w', StringComparison.Ordinal) ? MappedContents.Clean
        : rights.Contains('p', StringComparison.Ordinal) ? MappedContents.Changed
        : MappedContents.Other;

    private static MappedFile Detail(MappedFile mapping, string line)
    {
        var kibibytes = line.StartsWith("Rss:", StringComparison.Ordinal) || line.StartsWith("Anonymous:", StringComparison.Ordinal) || line.StartsWith("Private_Dirty:", StringComparison.Ordinal) || line.StartsWith("Locked:", StringComparison.Ordinal)
            ? long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)
            : 0;
        return line.StartsWith("Rss:", StringComparison.Ordinal)
            ? mapping with { Resident = kibibytes }
            : mapping with { Contents = kibibytes == 0 ? mapping.Contents : Instead(line, mapping.Contents) };
    }

    // What is held in memory on purpose stays there; pages of a file that were changed lie beside others of it that were not.
    private static MappedContents Instead(string line, MappedContents contents) =>
        contents == MappedContents.Other || line.StartsWith("Locked:", StringComparison.Ordinal) ? MappedContents.Other : MappedContents.Changed;
}

/// <summary>What the pages of a mapping are to the file they come from.</summary>
internal enum MappedContents
{
    /// <summary>Of no file, written through to it, or held in memory on purpose.</summary>
    Other,

    /// <summary>All that is there can be read from the file again: nobody may write to it, and nothing of it was changed.</summary>
    Clean,

    /// <summary>The process' own copy: some pages were changed or may be at any time, and the others are the file's.</summary>
    Changed,
}
