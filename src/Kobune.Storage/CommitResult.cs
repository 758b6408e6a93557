namespace Kobune.Storage;

/// <summary>Outcome of a commit. On success <paramref name="Revision"/> is the revision of the operations (of the store, when nothing changed);
/// else <paramref name="Current"/> has one entry per compare, in order, null where the key does not exist.</summary>
public sealed record CommitResult(bool Succeeded, long Revision, IReadOnlyList<KeyValue?> Current);
