using System.Text.Json.Nodes;
using Kobune.Api.Schema;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Fields;

/// <summary>The annotation of kubectl's client-side apply, and how an object goes over from it to server-side apply by the manager "kubectl".
/// Source: k8s.io/apimachinery, util/managedfields/internal/lastappliedmanager.go and lastappliedupdater.go.</summary>
internal static class LastApplied
{
    private const string Annotation = "kubectl.kubernetes.io/last-applied-configuration";
    private const string Kubectl = "kubectl";

    /// <summary>Whether what was applied client-side counts as the writer's own.</summary>
    public static bool MayTakeOver(FieldWriter writer, JsonObject live) => writer.Name == Kubectl && Text(live).Length > 0;

    /// <summary>The fields that were applied client-side and still have that value; none when the annotation is not readable or of another version.</summary>
    public static FieldSet FieldsOf(JsonObject live, FieldShape shape)
    {
        try
        {
            if (ObjectReader.ReadAny(ObjectReader.Parse(System.Text.Encoding.UTF8.GetBytes(Text(live)))) is not JsonObject applied || applied.TextAt("apiVersion") != live.TextAt("apiVersion"))
            {
                return FieldDiff.Nothing;
            }

            var fields = AppliedFields.Of(applied, shape);
            var diff = FieldDiff.Between(applied, shape.Canonical(live), shape);
            fields.Remove(diff.Taken);
            fields.Remove(diff.Removed);
            return fields;
        }
        catch (Exception e) when (e is ObjectDecodeException or Errors.StatusException)
        {
            return FieldDiff.Nothing;
        }
    }

    /// <summary>Keeps the annotation in step, so that client-side apply can be gone back to.</summary>
    public static JsonObject Follow(JsonObject obj, JsonObject config, FieldWriter writer)
    {
        if (writer.Name != Kubectl || Text(obj).Length == 0)
        {
            return obj;
        }

        var copy = (JsonObject)config.DeepClone();
        (copy.Meta()["annotations"] as JsonObject)?.Remove(Annotation);
        ((JsonObject)obj.Meta()["annotations"]!)[Annotation] = SortedJson.Text(copy) + "\n";
        return obj;
    }

    private static string Text(JsonObject obj) => (obj.Meta()["annotations"] as JsonObject).TextAt(Annotation);
}
