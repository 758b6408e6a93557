namespace Kobune.Storage.Revisions;

/// <summary>A revision and the position of a change in its commit in one integer, so that ids sort as the changes happened.</summary>
internal static class VersionId
{
    private const int PositionBits = 16;

    /// <summary>Changes that fit into one transaction.</summary>
    public const int MaxChanges = 1 << PositionBits;

    public static long Of(long revision, int position) => (revision << PositionBits) | (uint)position;

    public static long Revision(long id) => id >> PositionBits;
}
