using System.Text.Json.Nodes;

namespace Kobune.ApiServer.Fields;

/// <summary>Who writes, as field management names it.</summary>
/// <param name="Name">The fieldManager parameter, or the User-Agent up to the first '/'.</param>
/// <param name="ApiVersion">Version in which the request speaks.</param>
/// <param name="Subresource">Empty for the object itself.</param>
internal sealed record FieldWriter(string Name, string ApiVersion, string Subresource);

/// <summary>Keeps metadata.managedFields on creates, updates and patches. Source: k8s.io/apimachinery, util/managedfields (the Update side).</summary>
internal static class FieldManager
{
    private const int MaxUpdateManagers = 10;
    private const string AncientChanges = "ancient-changes";

    /// <summary>Sets the managed fields of <paramref name="obj"/>, which is what <paramref name="live"/> (null on create) becomes.</summary>
    /// <param name="live">The object as stored, in the version of the write.</param>
    /// <param name="obj">The object as it will be; only its metadata.managedFields is changed.</param>
    /// <param name="writer">Who writes.</param>
    /// <param name="resetFields">Paths that this endpoint does not write ("f:status").</param>
    /// <param name="shape">The kind's type.</param>
    /// <param name="time">The server's clock.</param>
    public static void Update(JsonObject? live, JsonObject obj, FieldWriter writer, IReadOnlyList<string[]> resetFields, FieldShape shape, TimeProvider time)
    {
        if (obj["metadata"] is not JsonObject metadata)
        {
            return;
        }

        var liveFields = live?["metadata"]?["managedFields"];
        var sent = metadata["managedFields"];
        var isOwn = writer.Subresource.Length == 0; // a subresource does not take over what was sent
        if (isOwn && sent is JsonArray list && ((list.Count == 0 && shape.Type is not { IsCustom: true }) || (list.Count == 1 && list[0] is JsonObject { Count: 0 })))
        {
            metadata.Remove("managedFields"); // upstream's way to forget all managers; an empty list of a custom object does not outlive its decoding
            return;
        }

        metadata.Remove("managedFields");
        sent = sent is JsonArray { Count: 0 } ? null : sent;
        if (shape.Type is { IsCustom: true } && (!AppliedFields.Fits(obj, shape) || (live is not null && !AppliedFields.Fits(live, shape))))
        {
            return; // upstream forgets all managers of what it cannot read
        }

        var diff = FieldDiff.OfWrite(live, obj, shape);
        if (diff.IsBroken)
        {
            return; // upstream forgets all managers then, too
        }

        if (diff.IsEmpty && (!isOwn || sent is null || JsonNode.DeepEquals(sent, liveFields)))
        {
            Restore(metadata, liveFields);
            return;
        }

        var entries = (isOwn ? ManagedEntry.Decode(sent) : null) ?? ManagedEntry.Decode(liveFields) ?? [];
        if (entries.Count == 0 && live is not null)
        {
            return; // nobody is followed until somebody applies
        }

        Apply(entries, diff.For(writer, resetFields, shape), writer, Rfc3339(time));
        if (entries.Count == 0)
        {
            metadata.Remove("managedFields");
            return;
        }

        metadata["managedFields"] = ManagedEntry.Encode(Capped(entries));
    }

    /// <summary>The name of a writer: the parameter, else the User-Agent's first word.</summary>
    public static string NameOf(string fieldManager, string userAgent)
    {
        if (fieldManager.Length > 0)
        {
            return fieldManager;
        }

        var slash = userAgent.IndexOf('/', StringComparison.Ordinal);
        var name = slash < 0 ? userAgent : userAgent[..slash];
        name = new string([.. name.Where(c => !char.IsControl(c))]);
        return name.Length > 128 ? name[..128] : name.Length == 0 ? "unknown" : name;
    }

    private static void Apply(List<ManagedEntry> entries, Func<string, FieldDiff> changes, FieldWriter writer, string now)
    {
        var taken = changes(writer.ApiVersion).Taken;
        var mine = new ManagedEntry { Manager = writer.Name, Operation = "Update", ApiVersion = writer.ApiVersion, Subresource = writer.Subresource, Fields = taken };
        var known = entries.Find(mine.IsSameManager);
        foreach (var entry in entries)
        {
            entry.Fields.Remove(changes(entry.ApiVersion).Removed);
            if (entry != known)
            {
                entry.Fields.Remove(changes(entry.ApiVersion).Taken);
            }
        }

        if (!taken.IsEmpty)
        {
            if (known is null)
            {
                entries.Add(known = mine);
            }
            else
            {
                known.Fields.Add(taken);
            }

            known.Time = now;
        }

        entries.RemoveAll(entry => entry.Fields.IsEmpty);
    }

    /// <summary>At most ten updaters: the oldest are put together as one per version.</summary>
    internal static List<ManagedEntry> Capped(List<ManagedEntry> entries)
    {
        var updaters = entries.Where(e => e.Operation == "Update").OrderBy(e => e.Time, StringComparer.Ordinal).ToList();
        if (updaters.Count <= MaxUpdateManagers)
        {
            return entries;
        }

        var result = entries.Where(e => e.Operation != "Update").ToList();
        var buckets = new Dictionary<string, ManagedEntry>(StringComparer.Ordinal);
        var excess = updaters.Count - MaxUpdateManagers;
        foreach (var entry in updaters)
        {
            if (excess <= 0)
            {
                result.Add(entry);
            }
            else if (buckets.TryGetValue(entry.ApiVersion, out var bucket))
            {
                bucket.Fields.Add(entry.Fields);
                bucket.Time = entry.Time;
                excess--;
            }
            else
            {
                buckets[entry.ApiVersion] = bucket = new ManagedEntry { Manager = AncientChanges, Operation = "Update", ApiVersion = entry.ApiVersion, Subresource = "", Time = entry.Time, Fields = entry.Fields };
                result.Add(bucket);
            }
        }

        return result;
    }

    private static void Restore(JsonObject metadata, JsonNode? liveFields)
    {
        if (liveFields is null)
        {
            metadata.Remove("managedFields");
        }
        else if (!JsonNode.DeepEquals(metadata["managedFields"], liveFields))
        {
            metadata["managedFields"] = liveFields.DeepClone();
        }
    }

    internal static string Rfc3339(TimeProvider time) => time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
