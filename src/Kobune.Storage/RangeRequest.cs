namespace Kobune.Storage;

/// <summary>A range: all keys with <paramref name="Prefix"/>, from <paramref name="StartKey"/> (inclusive; null = the first) on.</summary>
/// <param name="Prefix">Prefix that all keys share.</param>
/// <param name="StartKey">First key wanted, or null.</param>
/// <param name="Limit">At most that many items; 0 = all.</param>
/// <param name="Revision">0 = now.</param>
/// <param name="CountOnly">Only the count is wanted.</param>
public sealed record RangeRequest(string Prefix, string? StartKey = null, int Limit = 0, long Revision = 0, bool CountOnly = false);
