namespace Kobune.Storage;

/// <summary>Answer of a get; <paramref name="Item"/> is null when the key does not exist.</summary>
public readonly record struct GetResult(KeyValue? Item, long Revision);
