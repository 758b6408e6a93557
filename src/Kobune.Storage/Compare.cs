namespace Kobune.Storage;

/// <summary>The key's mod-revision must equal <paramref name="ModRevision"/>; 0 = the key must not exist.</summary>
public readonly record struct Compare(string Key, long ModRevision);
