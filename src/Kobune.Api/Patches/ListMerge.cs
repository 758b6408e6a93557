using System.Text.Json.Nodes;

namespace Kobune.Api.Patches;

/// <summary>One merge of a list of objects by their key.</summary>
internal sealed class ListMerge(List<JsonNode?> original, List<JsonNode?> patch, PatchField field)
{
    /// <summary>What is there after the directives; the order of the server.</summary>
    public List<JsonNode?> Kept { get; private set; } = original;

    /// <summary>The patch's items that are no directives.</summary>
    public List<JsonNode?> Patch { get; private set; } = [];

    /// <summary>The result, in no order yet.</summary>
    public List<JsonNode?> Merged { get; private set; } = [];

    public void Run()
    {
        Direct();
        Merged = [.. Kept];
        foreach (var item in Patch.Cast<JsonObject>())
        {
            var key = item.TryGetPropertyValue(field.MergeKey, out var own) ? own : throw StrategicOrder.NoMergeKey(item, field.MergeKey);
            var at = StrategicOrder.Find(Merged, field.MergeKey, key);
            if (at < 0)
            {
                Merged.Add(item);
            }
            else
            {
                var merged = StrategicMergePatch.Merge((JsonObject)Merged[at]!, (JsonObject)item.DeepClone(), field.Shape);
                if (at < Kept.Count)
                {
                    Kept[at] = merged;
                }

                Merged[at] = merged;
            }
        }
    }

    private void Direct()
    {
        var replaces = false;
        foreach (var item in patch.Cast<JsonObject>())
        {
            if (!item.TryGetPropertyValue(StrategicMergePatch.DirectiveKey, out var directive))
            {
                Patch.Add(item);
                continue;
            }

            switch (directive is JsonValue ? GoValue.Text(directive) : "")
            {
                case "delete":
                    var key = item.TryGetPropertyValue(field.MergeKey, out var own) ? own : throw StrategicOrder.NoMergeKey(item, field.MergeKey);
                    for (var at = StrategicOrder.Find(Kept, field.MergeKey, key); at >= 0; at = StrategicOrder.Find(Kept, field.MergeKey, key))
                    {
                        Kept.RemoveAt(at);
                    }

                    break;
                case "replace":
                    replaces = true;
                    break;
                case "merge":
                    throw PatchException.Unforeseen("merging lists cannot yet be specified in the patch");
                default:
                    throw StrategicMergePatch.UnknownDirective(directive, item);
            }
        }

        if (replaces)
        {
            (Kept, Patch) = (Patch, []);
        }
    }
}
