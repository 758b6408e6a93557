namespace Kobune.Storage;

/// <summary>A change of one key. A delete has no <paramref name="Item"/>; <paramref name="Previous"/> is null for a create.</summary>
public sealed record StoreEvent(string Key, long Revision, KeyValue? Item, KeyValue? Previous);
