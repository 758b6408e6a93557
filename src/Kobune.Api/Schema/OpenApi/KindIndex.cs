using System.Text.Json;

namespace Kobune.Api.Schema.OpenApi;

/// <summary>Under which groups and versions a type is registered as a kind: x-kubernetes-group-version-kind.</summary>
internal sealed class KindIndex
{
    private readonly Dictionary<SchemaType, List<GroupVersionKindRef>> _kinds = [];

    public KindIndex(ApiSchema schema, IReadOnlyList<ResourceSchema> served)
    {
        var everywhere = served.Select(r => (r.Group, r.Version)).Distinct().Order().ToArray();
        foreach (var (group, version, type) in schema.Kinds)
        {
            if (group != "meta")
            {
                Add(type, group, version);
            }
            else if (type.Name is "DeleteOptions" or "WatchEvent")
            {
                foreach (var (otherGroup, otherVersion) in everywhere)
                {
                    Add(type, otherGroup, otherVersion);
                }
            }
            else if (type.ApiVersion == "v1")
            {
                Add(type, "", "v1");
            }
        }
    }

    public void Write(Utf8JsonWriter writer, SchemaType type)
    {
        if (!_kinds.TryGetValue(type, out var kinds))
        {
            return;
        }

        writer.WriteStartArray("x-kubernetes-group-version-kind");
        foreach (var kind in kinds)
        {
            Write(writer, kind);
        }

        writer.WriteEndArray();
    }

    public static void Write(Utf8JsonWriter writer, GroupVersionKindRef kind)
    {
        writer.WriteStartObject();
        writer.WriteString("group", kind.Group);
        writer.WriteString("kind", kind.Kind);
        writer.WriteString("version", kind.Version);
        writer.WriteEndObject();
    }

    private void Add(SchemaType type, string group, string version)
    {
        if (!_kinds.TryGetValue(type, out var list))
        {
            _kinds[type] = list = [];
        }

        list.Add(new(group, version, type.Name));
    }
}
