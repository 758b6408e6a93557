namespace Kobune.Storage;

/// <summary>Answer of a range. <paramref name="Count"/> counts all keys from the start key on, limit or not; <paramref name="More"/> says that the limit cut it.</summary>
public sealed record RangeResult(IReadOnlyList<KeyValue> Items, long Count, bool More, long Revision);
