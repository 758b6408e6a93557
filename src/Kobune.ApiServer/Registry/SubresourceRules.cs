using System.Text.Json.Nodes;

namespace Kobune.ApiServer.Registry;

/// <summary>Which part of an object each endpoint may change; the rest is carried over from the object as it is. Source: PrepareForUpdate of upstream's strategies.</summary>
internal static class SubresourceRules
{
    /// <summary>What an update at an endpoint really makes of the object.</summary>
    public static JsonObject Apply(StoredKind kind, string subresource, JsonObject obj, JsonObject live) => subresource switch
    {
        "" => Main(kind, obj, live),
        "status" => Status(kind, obj, live),
        "finalize" => Keep(live, obj, next => Need(next, "spec").TakeFrom("finalizers", obj["spec"] as JsonObject)),
        "ephemeralcontainers" => Keep(live, obj, next => Need(next, "spec").TakeFrom("ephemeralContainers", obj["spec"] as JsonObject)),
        "resize" => Keep(live, obj, next => Resize(next, obj)),
        "approval" => Approval(obj, live),
        _ => obj, // scale, binding, eviction: the server itself made the change
    };

    private static JsonObject Main(StoredKind kind, JsonObject obj, JsonObject live)
    {
        if (kind.HasStatus && !kind.Rules.WritesStatus)
        {
            obj.TakeFrom("status", live);
        }

        if (kind.Schema is { Group: "", Plural: "namespaces" })
        {
            Need(obj, "spec").TakeFrom("finalizers", live["spec"] as JsonObject);
        }

        return obj;
    }

    private static JsonObject Status(StoredKind kind, JsonObject obj, JsonObject live)
    {
        var next = Keep(live, obj, next => next.TakeFrom("status", obj));
        var metadata = (JsonObject)obj.Meta().DeepClone();
        foreach (var name in kind.Rules.Status.Kept)
        {
            metadata.TakeFrom(name, live.Meta());
        }

        next["metadata"] = metadata;
        return next;
    }

    private static JsonObject Approval(JsonObject obj, JsonObject live)
    {
        var next = Keep(live, obj, next => Need(next, "status").TakeFrom("conditions", obj["status"] as JsonObject));
        next["metadata"] = obj.Meta().DeepClone();
        return next;
    }

    private static JsonObject Keep(JsonObject live, JsonObject obj, Action<JsonObject> change)
    {
        var next = (JsonObject)live.DeepClone();
        change(next);
        next.Meta().TakeFrom("managedFields", obj.Meta());
        return next;
    }

    /// <summary>Resources of the pod and of its containers, and resize policies; a list whose containers are others, or in another order, goes to validation as it is (upstream's dropNonResizeUpdates).</summary>
    private static void Resize(JsonObject next, JsonObject obj)
    {
        var spec = Need(next, "spec");
        spec.TakeFrom("resources", obj["spec"] as JsonObject);
        foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers"])
        {
            var (wanted, kept) = (Containers(obj["spec"] as JsonObject, list), Containers(spec, list));
            if (!wanted.Select(c => c.TextAt("name")).SequenceEqual(kept.Select(c => c.TextAt("name"))))
            {
                spec.TakeFrom(list, obj["spec"] as JsonObject);
                continue;
            }

            foreach (var (container, change) in kept.Zip(wanted))
            {
                container.TakeFrom("resources", change);
                container.TakeFrom("resizePolicy", change);
            }
        }
    }

    private static List<JsonObject> Containers(JsonObject? spec, string list) => [.. (spec?[list] as JsonArray)?.OfType<JsonObject>() ?? []];

    private static JsonObject Need(JsonObject obj, string name)
    {
        if (obj[name] is JsonObject child)
        {
            return child;
        }

        child = [];
        obj[name] = child;
        return child;
    }
}
