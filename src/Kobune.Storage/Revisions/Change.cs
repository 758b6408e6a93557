namespace Kobune.Storage.Revisions;

/// <summary>A change that a commit has decided on. A new version always carries its item here.</summary>
/// <param name="Key">The key.</param>
/// <param name="Version">The new version.</param>
/// <param name="Previous">The value before, null for a create.</param>
/// <param name="Deadline">When the version expires (Unix milliseconds), 0 = never.</param>
internal readonly record struct Change(string Key, KeyVersion Version, KeyValue? Previous, long Deadline);
