namespace Kobune.Storage;

/// <summary>One change of a transaction: a put when <paramref name="Value"/> is set, else a delete. Time to live counts from the commit.</summary>
public readonly record struct Operation(string Key, ReadOnlyMemory<byte>? Value, TimeSpan? TimeToLive = null)
{
    /// <summary>Writes a value.</summary>
    public static Operation Put(string key, ReadOnlyMemory<byte> value, TimeSpan? timeToLive = null) => new(key, value, timeToLive);

    /// <summary>Removes a key; a key that does not exist is no change.</summary>
    public static Operation Delete(string key) => new(key, null);
}
