namespace Kobune.Machine.Mounts;

/// <summary>
/// The user or group map of a mount. The owner on the disk and the owner that is shown change places, everybody else stays: so root's files stay
/// root's, and what the shown owner writes belongs to the owner on the disk.
/// </summary>
internal static class IdMapping
{
    private const long Ids = 4294967295; // the last number is no user

    /// <summary>Lines of uid_map: first on the disk, first shown, count.</summary>
    public static string Swap(uint stored, uint shown)
    {
        if (stored == shown)
        {
            return $"0 0 {Ids}\n";
        }

        var (low, high) = stored < shown ? (stored, shown) : (shown, stored);
        (long From, long To, long Count)[] ranges =
        [
            (0, 0, low),
            (low, high, 1),
            (low + 1L, low + 1L, high - low - 1L),
            (high, low, 1),
            (high + 1L, high + 1L, Ids - high - 1L),
        ];
        return string.Concat(ranges.Where(r => r.Count > 0).Select(r => $"{r.From} {r.To} {r.Count}\n"));
    }
}
