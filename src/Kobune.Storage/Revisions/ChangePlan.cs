namespace Kobune.Storage.Revisions;

/// <summary>Makes the new version that an operation leads to.</summary>
internal static class ChangePlan
{
    /// <param name="operation">What is asked.</param>
    /// <param name="current">The key's newest version, null where it does not exist.</param>
    /// <param name="previous">The value of <paramref name="current"/>.</param>
    /// <param name="id">Id of the new version.</param>
    /// <param name="deadline">When it expires, 0 = never.</param>
    public static Change Of(Operation operation, KeyVersion? current, KeyValue? previous, long id, long deadline)
    {
        var revision = VersionId.Revision(id);
        if (operation.Value is not { } value)
        {
            return new Change(operation.Key, new KeyVersion(id, created: 0, length: 0), previous, Deadline: 0);
        }

        var created = current?.Created ?? revision;
        var version = new KeyVersion(id, created, value.Length) { Item = new KeyValue(operation.Key, value, revision, created) };
        return new Change(operation.Key, version, previous, deadline);
    }
}
