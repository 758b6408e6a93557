namespace Kobune.Storage;

/// <summary>A key's value at a revision. The bytes are shared and never changed.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The stored bytes.</param>
/// <param name="ModRevision">Revision of the commit that wrote this value.</param>
/// <param name="CreateRevision">Revision of the commit that created the key.</param>
public sealed record KeyValue(string Key, ReadOnlyMemory<byte> Value, long ModRevision, long CreateRevision);
