using System.Globalization;
using System.Text.Json.Nodes;
using Kobune.Api.Meta.V1;

namespace Kobune.ApiServer.Registry;

/// <summary>What a delete writes into an object that does not go at once: when it goes, and what holds it.</summary>
internal static class DeletionMarks
{
    /// <summary>Sets or shortens the grace period, which may be no time at all; false when the object has none to wait for. Source: k8s.io/apiserver, registry/rest, BeforeDelete.</summary>
    public static bool MarkGraceful(StoredKind kind, JsonObject obj, DeleteOptions options, DateTimeOffset now)
    {
        if (DeletionRules.Grace(kind, obj, options) is not { } seconds)
        {
            return false;
        }

        var metadata = obj.Meta();
        if (metadata.TextAt("deletionTimestamp").Length == 0)
        {
            SetDeletion(kind, obj, seconds, now);
            return true;
        }

        var known = metadata.NumberAt("deletionGracePeriodSeconds") ?? 0;
        if (known == 0)
        {
            return false; // its grace is over, finalizers alone hold it
        }

        if (options.GracePeriodSeconds is { } asked && (asked < 0 ? 1 : asked) is var shorter && shorter < known) // a second delete can only shorten
        {
            var time = DateTimeOffset.Parse(metadata.TextAt("deletionTimestamp"), CultureInfo.InvariantCulture);
            metadata["deletionTimestamp"] = ObjectTree.Rfc3339(time.AddSeconds(shorter - known));
            metadata["deletionGracePeriodSeconds"] = shorter;
        }

        return true;
    }

    /// <summary>Marks what goes as soon as nothing holds it.</summary>
    public static void MarkAtOnce(StoredKind kind, JsonObject obj, DateTimeOffset now)
    {
        if (obj.Meta().TextAt("deletionTimestamp").Length == 0)
        {
            SetDeletion(kind, obj, 0, now);
        }
    }

    private static void SetDeletion(StoredKind kind, JsonObject obj, long seconds, DateTimeOffset now)
    {
        var metadata = obj.Meta();
        metadata["deletionTimestamp"] = ObjectTree.Rfc3339(now.AddSeconds(seconds));
        metadata["deletionGracePeriodSeconds"] = seconds;
        if (metadata.NumberAt("generation") is { } generation and > 0)
        {
            metadata["generation"] = generation + 1;
        }

        if (kind.Schema is { Group: "", Plural: "namespaces" })
        {
            if (obj["status"] is not JsonObject status)
            {
                obj["status"] = status = [];
            }

            status["phase"] = "Terminating";
        }
    }

    /// <summary>Leaves the finalizers alone when they are the same.</summary>
    public static void SetFinalizers(JsonObject obj, List<string> finalizers)
    {
        if (finalizers.Count == 0)
        {
            obj.Meta().Remove("finalizers");
        }
        else if (!finalizers.SequenceEqual(obj.Meta().TextsAt("finalizers")))
        {
            obj.Meta()["finalizers"] = new JsonArray([.. finalizers.Select(f => (JsonNode)JsonValue.Create(f))]);
        }
    }
}
