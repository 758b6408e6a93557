using System.Text.Json;
using Kobune.Api.Json;

namespace Kobune.Api;

/// <summary>
/// One revision of one object as bytes, with the record decoded at most once for the whole process. The server's watch cache hands out
/// these, the client's caches keep them: shared by all readers, never changed.
/// </summary>
public class EncodedObject
{
    private object? _record;

    /// <summary>Takes canonical JSON (UTF-8) with the resourceVersion in it.</summary>
    public EncodedObject(ReadOnlyMemory<byte> json)
    {
        Json = json;
    }

    /// <summary>Canonical JSON, UTF-8, resourceVersion included.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>The object as a record. All callers that ask for the same type get the same instance.</summary>
    /// <exception cref="JsonException">The bytes are not of this type.</exception>
    public T Read<T>()
        where T : class, IJsonRecord<T>
    {
        if (Volatile.Read(ref _record) is T known)
        {
            return known;
        }

        var decoded = JsonText.Read<T>(Json.Span);
        return Interlocked.CompareExchange(ref _record, decoded, null) as T ?? decoded;
    }

    /// <summary>Lets go of the record; who asks again gets another that is equal.</summary>
    protected void ForgetRecord() => Volatile.Write(ref _record, null);
}
