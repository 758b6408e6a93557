namespace Kobune.Storage.Revisions;

/// <summary>Revisions strictly between two that an unclean stop may have taken along: the last one found on disk and the one that the store jumped to.</summary>
internal readonly record struct RevisionGap(long Low, long High)
{
    public bool Contains(long revision) => revision > Low && revision < High;
}
