using System.Text.Json.Nodes;

namespace Kobune.ApiServer.Fields;

/// <summary>One entry of metadata.managedFields.</summary>
internal sealed class ManagedEntry
{
    /// <summary>Operation of server-side apply; all else is an update.</summary>
    public const string Apply = "Apply";

    public required string Manager { get; init; }

    /// <summary>"Update" or "Apply".</summary>
    public required string Operation { get; init; }

    public required string ApiVersion { get; init; }

    public required string Subresource { get; init; }

    /// <summary>RFC 3339, whole seconds; empty when never set.</summary>
    public string Time { get; set; } = "";

    public required FieldSet Fields { get; init; }

    /// <summary>An applier is the same in every version, an updater is not.</summary>
    public bool IsSameManager(ManagedEntry other) =>
        Manager == other.Manager && Operation == other.Operation && Subresource == other.Subresource && (Operation == Apply || ApiVersion == other.ApiVersion);

    /// <summary>How a conflict names the manager.</summary>
    public string Describe()
    {
        var subresource = Subresource.Length > 0 ? $" with subresource \"{Subresource}\"" : "";
        return Operation == Apply ? $"\"{Manager}\"{subresource}" : $"\"{Manager}\"{subresource} using {ApiVersion}";
    }

    /// <summary>Reads the list; null when it is none or not readable (then upstream takes the stored one).</summary>
    public static List<ManagedEntry>? Decode(JsonNode? managedFields)
    {
        if (managedFields is not JsonArray { Count: > 0 } list)
        {
            return null;
        }

        var entries = new List<ManagedEntry>(list.Count);
        foreach (var item in list)
        {
            if (item is not JsonObject map || Text(map, "fieldsType") != "FieldsV1" || Text(map, "operation") is not ("Update" or Apply))
            {
                return null;
            }

            entries.Add(new ManagedEntry
            {
                Manager = Text(map, "manager"),
                Operation = Text(map, "operation"),
                ApiVersion = Text(map, "apiVersion"),
                Subresource = Text(map, "subresource"),
                Time = Text(map, "time"),
                Fields = FieldSet.Decode(map["fieldsV1"]),
            });
        }

        return entries;
    }

    /// <summary>Writes the list in upstream's order: by operation, time, manager, version, subresource.</summary>
    public static JsonArray Encode(IEnumerable<ManagedEntry> entries)
    {
        var sorted = entries
            .OrderBy(e => e.Operation, StringComparer.Ordinal)
            .ThenBy(e => e.Time, StringComparer.Ordinal)
            .ThenBy(e => e.Manager, StringComparer.Ordinal)
            .ThenBy(e => e.ApiVersion, StringComparer.Ordinal)
            .ThenBy(e => e.Subresource, StringComparer.Ordinal);
        return new JsonArray([.. sorted.Select(Encode)]);
    }

    private static JsonObject Encode(ManagedEntry entry)
    {
        var map = new JsonObject { ["manager"] = entry.Manager, ["operation"] = entry.Operation, ["apiVersion"] = entry.ApiVersion };
        if (entry.Time.Length > 0)
        {
            map["time"] = entry.Time;
        }

        map["fieldsType"] = "FieldsV1";
        map["fieldsV1"] = entry.Fields.Encode();
        if (entry.Subresource.Length > 0)
        {
            map["subresource"] = entry.Subresource;
        }

        return map;
    }

    private static string Text(JsonObject map, string name) => map[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}
