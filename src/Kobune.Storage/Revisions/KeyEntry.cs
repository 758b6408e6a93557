namespace Kobune.Storage.Revisions;

/// <summary>A key and its newest version; it stays while a version of it is kept.</summary>
internal sealed class KeyEntry(string key, KeyVersion head)
{
    public string Key { get; } = key;

    public KeyVersion Head { get; set; } = head;

    public bool IsLive => !Head.IsDelete;

    /// <summary>The version that was current at a revision; null where the key did not exist yet.</summary>
    public KeyVersion? At(long revision)
    {
        var version = Head;
        while (version is not null && version.Revision > revision)
        {
            version = version.Older;
        }

        return version;
    }
}
