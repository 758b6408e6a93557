using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Api.Schema;

namespace Kobune.ApiServer.Fields;

/// <summary>Which fields a write took (set or changed) and which it removed. Source: structured-merge-diff, typed.Compare.</summary>
internal sealed class FieldDiff
{
    private static readonly string[] UntrackedMetadata = ["name", "namespace", "creationTimestamp", "selfLink", "uid", "generation", "managedFields", "resourceVersion"];

    /// <summary>Fields that are new or have another value.</summary>
    public FieldSet Taken { get; } = new();

    /// <summary>Fields that are gone.</summary>
    public FieldSet Removed { get; } = new();

    /// <summary>No fields; never changed.</summary>
    public static FieldSet Nothing => new();

    public bool IsEmpty => Taken.IsEmpty && Removed.IsEmpty;

    /// <summary>Whether an item of a map list lacks all its keys: then upstream cannot tell who manages what.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Compares two objects in their canonical form (<see cref="FieldShape.Canonical"/>). The fields that are no manager's (name, uid, ...) are left out.</summary>
    public static FieldDiff Between(JsonObject old, JsonObject @new, FieldShape shape)
    {
        var diff = new FieldDiff();
        diff.Objects(old, @new, shape, diff.Taken, diff.Removed);
        Strip(diff.Taken);
        Strip(diff.Removed);
        return diff;
    }

    /// <summary>Compares an object as it is stored (null: there was none) with what a write makes of it, in whatever form: only fields that differ are brought into the canonical one.</summary>
    public static FieldDiff OfWrite(JsonObject? live, JsonObject obj, FieldShape shape)
    {
        if (shape.Type is not { IsCustom: false, IsKind: true } type || !type.TryGetField("metadata", out var metadata))
        {
            return Between(live ?? [], obj, shape);
        }

        var diff = new FieldDiff();
        diff.Fields(live, obj, shape, ["metadata"], diff.Taken, diff.Removed);
        diff.Fields(live?["metadata"] as JsonObject, obj["metadata"] as JsonObject, new(metadata.Type), UntrackedMetadata, diff.Taken.Child("f:metadata"), diff.Removed.Child("f:metadata"));
        diff.Taken.Trim();
        diff.Removed.Trim();
        return diff;
    }

    /// <summary>
    /// What of the difference counts for the entries of a version: not what the endpoint resets. Of custom objects themselves (not of their status) upstream knows that of the version of the request alone,
    /// so that entries of other versions lose what the write seems to change. Source: k8s.io/apiextensions-apiserver, apiserver/customresource_handler.go, resetFields.
    /// </summary>
    public Func<string, FieldDiff> For(FieldWriter writer, IReadOnlyList<string[]> resetFields, FieldShape shape)
    {
        if (resetFields.Count == 0)
        {
            return _ => this;
        }

        var own = new FieldDiff { IsBroken = IsBroken };
        own.Taken.Add(Taken);
        own.Removed.Add(Removed);
        foreach (var path in resetFields)
        {
            own.Taken.RemoveBelow(path);
            own.Removed.RemoveBelow(path);
        }

        return apiVersion => apiVersion == writer.ApiVersion || writer.Subresource.Length > 0 || shape.Type is not { IsCustom: true } ? own : this;
    }

    /// <summary>Takes out what no manager ever owns: type, name and what the server sets.</summary>
    public static void Strip(FieldSet set)
    {
        set.IsMember = false; // the root stands for the object
        set.RemoveBelow(["f:apiVersion"]);
        set.RemoveBelow(["f:kind"]);
        foreach (var name in UntrackedMetadata)
        {
            set.RemoveBelow(["f:metadata", "f:" + name]);
        }

        if (set.Find("f:metadata") is { } metadata)
        {
            metadata.IsMember = false;
        }

        set.Trim();
    }

    private void Fields(JsonObject? live, JsonObject? obj, FieldShape shape, ReadOnlySpan<string> untracked, FieldSet taken, FieldSet removed)
    {
        foreach (var field in shape.Type!.Fields)
        {
            if (untracked.Contains(field.Name))
            {
                continue;
            }

            JsonNode? old = null;
            JsonNode? now = null;
            var had = live?.TryGetPropertyValue(field.Name, out old) ?? ObjectWriter.TryCanonical(field, null, out old);
            var has = obj?.TryGetPropertyValue(field.Name, out now) ?? false;
            if (had == has && JsonNode.DeepEquals(old, now))
            {
                continue;
            }

            has = ObjectWriter.TryCanonical(field, now, out now);
            Step(old, had, now, has, shape.Child(field.Name), "f:" + field.Name, taken, removed);
        }
    }

    /// <summary>Null is a value as any other; without <paramref name="hadOld"/> or <paramref name="hasNew"/> there is none at all.</summary>
    private void Walk(JsonNode? old, bool hadOld, JsonNode? @new, bool hasNew, FieldShape shape, FieldSet taken, FieldSet removed)
    {
        var isMap = !shape.IsAtomic && IsAll<JsonObject>(old, @new);
        var isList = (shape.IsSet || shape.IsMapList) && IsAll<JsonArray>(old, @new);
        if (isMap && !(IsNothing(old) && IsNothing(@new)))
        {
            Objects(old as JsonObject, @new as JsonObject, shape, taken, removed);
        }
        else if (isList && !(IsNothing(old) && IsNothing(@new)))
        {
            Lists(old as JsonArray, @new as JsonArray, shape, taken, removed);
        }
        else if (hadOld && hasNew && !shape.IsAtomic && old is JsonObject != @new is JsonObject && old is not null && @new is not null)
        {
            Exchange(old, shape, taken, removed, isNew: false); // only where no schema says what it is: seen as what it was, and as what it became
            Exchange(@new, shape, taken, removed, isNew: true);
        }
        else
        {
            taken.IsMember |= hadOld && hasNew && !JsonNode.DeepEquals(old, @new);
        }

        taken.IsMember |= !hadOld;
        removed.IsMember |= !hasNew;
    }

    private void Exchange(JsonNode value, FieldShape shape, FieldSet taken, FieldSet removed, bool isNew)
    {
        if (value is JsonObject { Count: > 0 } map)
        {
            Objects(isNew ? null : map, isNew ? map : null, shape, taken, removed);
        }
        else
        {
            taken.IsMember = true;
        }
    }

    private static bool IsAll<T>(JsonNode? a, JsonNode? b) => a is T or null && b is T or null && (a ?? b) is not null;

    private static bool IsNothing(JsonNode? value) => value is null or JsonObject { Count: 0 } or JsonArray { Count: 0 };

    private void Objects(JsonObject? old, JsonObject? @new, FieldShape shape, FieldSet taken, FieldSet removed)
    {
        foreach (var (name, value) in @new ?? [])
        {
            JsonNode? before = null;
            var had = old is not null && old.TryGetPropertyValue(name, out before);
            Step(before, had, value, true, shape.Child(name), "f:" + name, taken, removed);
        }

        foreach (var (name, value) in old ?? [])
        {
            if (@new is null || !@new.ContainsKey(name))
            {
                Step(value, true, null, false, shape.Child(name), "f:" + name, taken, removed);
            }
        }
    }

    private void Lists(JsonArray? old, JsonArray? @new, FieldShape shape, FieldSet taken, FieldSet removed)
    {
        var before = Index(old, shape);
        var after = Index(@new, shape);
        foreach (var element in before.Keys.Union(after.Keys))
        {
            var was = before.GetValueOrDefault(element) ?? [];
            var now = after.GetValueOrDefault(element) ?? [];
            if (was.Count <= 1 && now.Count <= 1)
            {
                Step(was.FirstOrDefault(), was.Count > 0, now.FirstOrDefault(), now.Count > 0, shape.Item, element, taken, removed);
            }
            else if (was.Count > 1 && now.Count > 1)
            {
                taken.Child(element).IsMember |= was.Count != now.Count || !was.Zip(now).All(pair => JsonNode.DeepEquals(pair.First, pair.Second));
            }
            else if (was.Count > 1)
            {
                if (now.Count > 0)
                {
                    Step(null, false, now[0], true, shape.Item, element, taken, removed);
                }

                removed.Child(element).IsMember = true;
            }
            else
            {
                if (was.Count > 0)
                {
                    Step(was[0], true, null, false, shape.Item, element, taken, removed);
                }

                taken.Child(element).IsMember = true;
            }
        }
    }

    private void Step(JsonNode? old, bool hadOld, JsonNode? @new, bool hasNew, FieldShape shape, string element, FieldSet taken, FieldSet removed)
    {
        if (hadOld && hasNew && old is JsonValue && @new is JsonValue && JsonNode.DeepEquals(old, @new))
        {
            return;
        }

        Walk(old, hadOld, @new, hasNew, shape, taken.Child(element), removed.Child(element));
    }

    private Dictionary<string, List<JsonNode?>> Index(JsonArray? list, FieldShape shape)
    {
        var index = new Dictionary<string, List<JsonNode?>>(list?.Count ?? 0, StringComparer.Ordinal);
        foreach (var item in list ?? [])
        {
            IsBroken |= shape.ProblemOf(item) is not null;
            var element = shape.ElementOf(item);
            if (index.TryGetValue(element, out var same))
            {
                same.Add(item);
            }
            else
            {
                index[element] = [item];
            }
        }

        return index;
    }
}
