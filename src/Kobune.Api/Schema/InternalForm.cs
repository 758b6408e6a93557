using System.Text.Json.Nodes;

namespace Kobune.Api.Schema;

/// <summary>
/// An object as upstream's validation shows it: what it validates are its internal types, whose JSON has Go's names and every field, zero or not:
/// {"Name":"web","Protocol":"TCP","AppProtocol":null}. Types of meta/v1 have no internal form and look as in any manifest. Source: k8s.io/kubernetes, pkg/apis.
/// </summary>
public static class InternalForm
{
    private const string PodSpec = "core/v1.PodSpec";
    private const string PodSecurityContext = "core/v1.PodSecurityContext";

    // What a pod asks of its host: fields of the spec outside, of its security context inside.
    private static readonly string[] OfHost = ["hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers"];

    // Two fields of the spec stand elsewhere in the internal type; each goes behind the other one.
    private static readonly (string Field, string Behind)[] Moved = [("setHostnameAsFQDN", "subdomain"), ("preemptionPolicy", "priority")];

    // No pointers in the internal types: absent is zero.
    private static readonly HashSet<(string Type, string Field)> Plain =
    [
        ("apps/v1.RollingUpdateDaemonSet", "maxUnavailable"), ("apps/v1.RollingUpdateDaemonSet", "maxSurge"), ("apps/v1.RollingUpdateDeployment", "maxUnavailable"),
        ("apps/v1.RollingUpdateDeployment", "maxSurge"), ("apps/v1.RollingUpdateStatefulSetStrategy", "partition"),
    ];

    private static readonly Lazy<Dictionary<string, SchemaType>> Types = new(() => ApiSchema.BuiltIn.Types
        .Where(t => t.Id.Contains('/', StringComparison.Ordinal))
        .GroupBy(KeyOf, StringComparer.OrdinalIgnoreCase)
        .ToDictionary(g => g.Key, g => g.First(), StringComparer.OrdinalIgnoreCase));

    /// <summary>The form of a record, or of a list of records; JSON of other types is as it is.</summary>
    public static JsonNode? Of(IJsonWritable record)
    {
        var json = JsonNode.Parse(Json.JsonText.Bytes(record));
        return Types.Value.TryGetValue($"{record.GetType().Namespace}.{record.GetType().Name}", out var type) ? Value(type, json) : json;
    }

    // The namespace of the records, without regard to case: "Kobune.Api.Rbac.V1.RoleRef" for "rbac.authorization.k8s.io/v1.RoleRef".
    private static string KeyOf(SchemaType type)
    {
        var (group, rest) = (type.Id[..type.Id.IndexOf('/', StringComparison.Ordinal)], type.Id[(type.Id.IndexOf('/', StringComparison.Ordinal) + 1)..]);
        return $"Kobune.Api.{group.Split('.')[0]}.{rest}";
    }

    private static JsonNode? Value(SchemaType type, JsonNode? value) => (type.Shape, value) switch
    {
        (SchemaShape.Object, JsonObject item) when !IsAsOutside(type) => Object(type, item),
        (SchemaShape.List, JsonArray list) => new JsonArray([.. list.Select(i => Value(type.Element, i))]),
        (SchemaShape.Map, JsonObject map) => new JsonObject(map.Select(m => KeyValuePair.Create(m.Key, Value(type.Element, m.Value)))),
        _ => value?.DeepClone(),
    };

    private static bool IsAsOutside(SchemaType type) => type.IsCustom || type.Id.StartsWith("meta/", StringComparison.Ordinal);

    private static JsonObject Object(SchemaType type, JsonObject value)
    {
        var form = new JsonObject();
        foreach (var field in FieldsOf(type))
        {
            if (field.Type.Id == "meta/v1.ObjectMeta")
            {
                foreach (var (name, item) in value[field.Name] as JsonObject ?? [])
                {
                    form[name] = item?.DeepClone(); // embedded, and with names of its own
                }
            }
            else
            {
                var item = field.Name == "securityContext" && type.Id == PodSpec ? WithHost(value) : value[field.Name];
                form[field.GoName] = item is null ? Missing(type, field) : Value(field.Type, item);
            }
        }

        return form;
    }

    private static JsonNode? Missing(SchemaType type, SchemaField field)
    {
        if (field.IsPointer && !Plain.Contains((type.Id, field.Name)))
        {
            return null;
        }

        return field.Type.Shape == SchemaShape.Object ? Value(field.Type, new JsonObject()) : Zero.Of(field.Type);
    }

    private static JsonObject WithHost(JsonObject spec)
    {
        var context = (JsonObject)(spec["securityContext"]?.DeepClone() ?? new JsonObject());
        foreach (var name in OfHost)
        {
            context[name] = spec[name]?.DeepClone();
        }

        return context;
    }

    private static IEnumerable<SchemaField> FieldsOf(SchemaType type)
    {
        if (type.Id == PodSecurityContext)
        {
            var spec = ApiSchema.BuiltIn.FindType(PodSpec)!;
            return [.. OfHost.Select(n => spec.Fields.First(f => f.Name == n)), .. type.Fields];
        }

        if (type.Id != PodSpec)
        {
            return type.Fields;
        }

        var fields = type.Fields.Where(f => !OfHost.Contains(f.Name) && f.Name != "serviceAccount").ToList();
        foreach (var (name, behind) in Moved)
        {
            var field = fields.Find(f => f.Name == name)!;
            fields.Remove(field);
            fields.Insert(fields.FindIndex(f => f.Name == behind) + 1, field);
        }

        return fields;
    }
}
