using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kobune.ApiServer.Fields;

/// <summary>Which fields a write took (set or changed) and which it removed. Source: structured-merge-diff, typed.Compare.</summary>
internal sealed class FieldDiff
{
    private static readonly string[] UntrackedMetadata = ["name", "namespace", "creationTimestamp", "selfLink", "uid", "generation", "managedFields", "resourceVersion"];

    private readonly bool _emptyIsValue;

    private FieldDiff(bool emptyIsValue)
    {
        _emptyIsValue = emptyIsValue;
    }

    /// <summary>Fields that are new or have another value.</summary>
    public FieldSet Taken { get; } = new();

    /// <summary>Fields that are gone.</summary>
    public FieldSet Removed { get; } = new();

    /// <summary>No fields; never changed.</summary>
    public static FieldSet Nothing => new();

    public bool IsEmpty => Taken.IsEmpty && Removed.IsEmpty;

    /// <summary>Compares two objects; without an old one with the empty object of the type. The fields that are no manager's (name, uid, ...) are left out.</summary>
    /// <param name="old">What was.</param>
    /// <param name="new">What is to be.</param>
    /// <param name="shape">The kind's type.</param>
    /// <param name="emptyIsValue">Whether "paused: false" where true was sets the field, as in a configuration that is applied, or takes it away, as in an object that has gone through its Go type.</param>
    public static FieldDiff Between(JsonObject? old, JsonObject @new, FieldShape shape, bool emptyIsValue = false)
    {
        var diff = new FieldDiff(emptyIsValue);
        diff.Walk(old, old is not null, isPhantom: old is null, @new, true, shape, diff.Taken, diff.Removed);
        Strip(diff.Taken);
        Strip(diff.Removed);
        return diff;
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

    /// <summary><paramref name="isPhantom"/>: the old value is not there but counts as present and empty.</summary>
    private void Walk(JsonNode? old, bool hadOld, bool isPhantom, JsonNode? @new, bool hasNew, FieldShape shape, FieldSet taken, FieldSet removed)
    {
        var sample = @new ?? old;
        switch (sample)
        {
            case JsonObject when !shape.IsAtomic && (old is null or JsonObject) && (@new is null or JsonObject):
                Objects(old as JsonObject, isPhantom, @new as JsonObject, shape, taken, removed);
                break;
            case JsonArray when (shape.IsSet || shape.IsMapList) && (old is null or JsonArray) && (@new is null or JsonArray):
                Lists(old as JsonArray, @new as JsonArray, shape, taken, removed);
                break;
            default:
                taken.IsMember |= hasNew && (isPhantom ? !IsZero(@new) : hadOld && !JsonNode.DeepEquals(old, @new));
                break;
        }

        if (hasNew && !hadOld && !isPhantom)
        {
            taken.IsMember = true;
        }
        else if (hadOld && !hasNew)
        {
            removed.IsMember = true;
        }
    }

    private static bool IsZero(JsonNode? value) => value switch
    {
        null => true,
        JsonObject map => map.Count == 0,
        JsonArray list => list.Count == 0,
        _ => value.GetValueKind() switch
        {
            JsonValueKind.False => true,
            JsonValueKind.String => value.GetValue<string>().Length == 0,
            JsonValueKind.Number => FieldShape.Text(value) is "0",
            _ => false,
        },
    };

    private static bool IsAbsent(JsonNode value, string name, FieldShape shape) => shape.IsDroppedWhenEmpty(name) && IsZero(value);

    private void Objects(JsonObject? old, bool isPhantom, JsonObject? @new, FieldShape shape, FieldSet taken, FieldSet removed)
    {
        if (@new is not null)
        {
            shape.Complete(@new);
        }

        foreach (var (name, value) in @new ?? [])
        {
            JsonNode? before = null;
            var had = old is not null && old.TryGetPropertyValue(name, out before);
            if (value is null || (IsAbsent(value, name, shape) && !(_emptyIsValue && had && !IsZero(before))))
            {
                continue;
            }

            var phantom = isPhantom && shape.IsAlwaysPresent(name);
            Step(before, had, phantom, value, true, shape.Child(name), "f:" + name, taken, removed);
        }

        foreach (var (name, value) in old ?? [])
        {
            var goes = @new is null || !@new.TryGetPropertyValue(name, out var after) || after is null || (IsAbsent(after, name, shape) && !(_emptyIsValue && !IsZero(value)));
            if (goes && !(shape.IsKnownValue(name) && IsZero(value)))
            {
                Step(value, true, false, null, false, shape.Child(name), "f:" + name, taken, removed);
            }
        }
    }

    private void Lists(JsonArray? old, JsonArray? @new, FieldShape shape, FieldSet taken, FieldSet removed)
    {
        var before = Index(old, shape);
        var after = Index(@new, shape);
        foreach (var (element, value) in after)
        {
            var had = before.TryGetValue(element, out var was);
            Step(was, had, false, value, true, shape.Item, element, taken, removed);
        }

        foreach (var (element, value) in before)
        {
            if (!after.ContainsKey(element))
            {
                Step(value, true, false, null, false, shape.Item, element, taken, removed);
            }
        }
    }

    private void Step(JsonNode? old, bool hadOld, bool isPhantom, JsonNode? @new, bool hasNew, FieldShape shape, string element, FieldSet taken, FieldSet removed)
    {
        if (hadOld && hasNew && old is JsonValue && @new is JsonValue && JsonNode.DeepEquals(old, @new))
        {
            return;
        }

        Walk(old, hadOld, isPhantom, @new, hasNew, shape, taken.Child(element), removed.Child(element));
    }

    private static Dictionary<string, JsonNode?> Index(JsonArray? list, FieldShape shape)
    {
        var index = new Dictionary<string, JsonNode?>(list?.Count ?? 0, StringComparer.Ordinal);
        foreach (var item in list ?? [])
        {
            index[shape.ElementOf(item)] = item; // of duplicates the last counts
        }

        return index;
    }
}
