namespace Kobune.Storage.Revisions;

/// <summary>A version together with its key, which versions do not repeat.</summary>
internal readonly record struct VersionRef(string Key, KeyVersion Version);
