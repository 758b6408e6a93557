using System.Buffers.Text;
using System.Text.Json;
using Kobune.Api;

namespace Kobune.ApiServer.Watch;

/// <summary>
/// One revision of one stored object: its canonical bytes with the resourceVersion spliced in once. Shared by all readers, never changed;
/// what is derived from it (labels, other forms) is made at most once and kept.
/// </summary>
public sealed class CacheEntry : EncodedObject
{
    private static readonly Dictionary<string, string> NoLabels = [];

    private readonly EntryLayout _layout;
    private Form? _forms;
    private IReadOnlyDictionary<string, string>? _labels;
    private string? _trigger;

    private CacheEntry(string key, long revision, ReadOnlyMemory<byte> json, EntryLayout layout)
        : base(json)
    {
        Key = key;
        Revision = revision;
        _layout = layout;
    }

    /// <summary>The store's key; empty for an object that is not stored (dry-run).</summary>
    public string Key { get; }

    /// <summary>Revision of the commit that wrote it.</summary>
    public long Revision { get; }

    /// <summary>metadata.name.</summary>
    public string Name => _layout.Name;

    /// <summary>metadata.namespace; empty for cluster-scoped kinds.</summary>
    public string Namespace => _layout.Namespace;

    /// <summary>metadata.uid.</summary>
    public string Uid => _layout.Uid;

    /// <summary>metadata.labels, decoded when first asked for.</summary>
    public IReadOnlyDictionary<string, string> Labels => _labels ??= ReadLabels();

    /// <summary>The bytes after the leading kind and apiVersion, which items of a list leave out; begins with the quote of a property name.</summary>
    public ReadOnlyMemory<byte> Tail => Json[_layout.TailOffset..];

    /// <summary>The bytes as stored: without resourceVersion.</summary>
    public byte[] Stored
    {
        get
        {
            var json = Json.Span;
            var stored = new byte[json.Length - _layout.SpliceLength];
            json[.._layout.SpliceOffset].CopyTo(stored);
            json[(_layout.SpliceOffset + _layout.SpliceLength)..].CopyTo(stored.AsSpan(_layout.SpliceOffset));
            return stored;
        }
    }

    /// <summary>Takes canonical JSON without resourceVersion. A revision of 0 leaves it without one (dry-run).</summary>
    /// <exception cref="JsonException">The bytes are no object.</exception>
    public static CacheEntry FromStored(string key, ReadOnlyMemory<byte> stored, long revision)
    {
        var layout = EntryLayout.Scan(stored.Span);
        if (revision == 0 || layout.HasResourceVersion)
        {
            return new(key, revision, stored, layout);
        }

        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(revision, digits, out var count);
        var head = layout.SpliceIsLast ? layout.MetadataIsEmpty ? "\"resourceVersion\":\""u8 : ",\"resourceVersion\":\""u8 : "\"resourceVersion\":\""u8;
        var foot = layout.SpliceIsLast ? "\""u8 : "\","u8;
        var length = head.Length + count + foot.Length;
        var json = new byte[stored.Length + length];
        var at = layout.SpliceOffset;
        stored.Span[..at].CopyTo(json);
        head.CopyTo(json.AsSpan(at));
        digits[..count].CopyTo(json.AsSpan(at + head.Length));
        foot.CopyTo(json.AsSpan(at + head.Length + count));
        stored.Span[at..].CopyTo(json.AsSpan(at + length));
        return new(key, revision, json, layout.Spliced(length));
    }

    /// <summary>A stored value, or null when its bytes are no object: one bad value must not stop a feed.</summary>
    public static CacheEntry? TryFromStored(Storage.KeyValue item)
    {
        try
        {
            return FromStored(item.Key, item.Value, item.ModRevision);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The same body at another revision: what a DELETED event carries.</summary>
    public CacheEntry AtRevision(long revision) => FromStored(Key, Stored, revision);

    /// <summary>The value of a field ("spec.nodeName") as selectors compare it: text, number or flag as text; empty when absent.</summary>
    public string Field(string path) => path switch
    {
        "metadata.name" => Name,
        "metadata.namespace" => Namespace,
        _ => JsonFields.Text(Json.Span, path),
    };

    /// <summary>The field that watchers of this kind are indexed by; read once. All callers must ask for the same path.</summary>
    public string Trigger(string path) => _trigger ??= JsonFields.Text(Json.Span, path);

    /// <summary>Whether a form has been made.</summary>
    public bool Has(object key)
    {
        for (var form = Volatile.Read(ref _forms); form is not null; form = form.Next)
        {
            if (form.Key.Equals(key))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Another form of this revision (other version, protobuf, table row), made by the first who asks.</summary>
    public T Shared<T>(object key, Func<CacheEntry, T> make)
        where T : class
    {
        for (var form = Volatile.Read(ref _forms); form is not null; form = form.Next)
        {
            if (form.Key.Equals(key))
            {
                return (T)form.Value;
            }
        }

        var made = make(this);
        Form? seen;
        do
        {
            seen = Volatile.Read(ref _forms);
            for (var form = seen; form is not null; form = form.Next)
            {
                if (form.Key.Equals(key))
                {
                    return (T)form.Value;
                }
            }
        }
        while (Interlocked.CompareExchange(ref _forms, new Form(key, made, seen), seen) != seen);
        return made;
    }

    /// <summary>Lets go of all forms: a state that another has followed is kept for late watches alone, and few of them ask for it.</summary>
    public void Forget()
    {
        ForgetRecord();
        Volatile.Write(ref _forms, null);
    }

    private Dictionary<string, string> ReadLabels()
    {
        if (_layout.LabelsOffset < 0)
        {
            return NoLabels;
        }

        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        var reader = new Utf8JsonReader(Json.Span[_layout.LabelsOffset..], isFinalBlock: false, default);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            labels[name] = reader.TokenType == JsonTokenType.String ? reader.GetString()! : "";
        }

        return labels;
    }

    private sealed record Form(object Key, object Value, Form? Next);
}
