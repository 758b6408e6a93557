using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Json;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Preemption;

namespace Kobune.Scheduler.Extenders;

/// <summary>Questions to extenders and parts of their answers. The fields have no names of their own in JSON, but those of Go. Source: k8s.io/kube-scheduler, extender/v1.</summary>
internal static class ExtenderWire
{
    /// <summary>ExtenderArgs: the pod with nodes, or with their names.</summary>
    public static byte[] Args(Pod pod, IReadOnlyList<NodeInfo> nodes, bool byName) => Write(writer =>
    {
        Whole(writer, "Pod", pod);
        if (byName)
        {
            writer.WriteNull("Nodes");
            writer.WriteStartArray("NodeNames");
            foreach (var node in nodes)
            {
                writer.WriteStringValue(node.Name);
            }

            writer.WriteEndArray();
            return;
        }

        writer.WriteStartObject("Nodes");
        writer.WriteStartObject("metadata");
        writer.WriteEndObject();
        writer.WriteStartArray("items");
        foreach (var node in nodes)
        {
            writer.WriteRawValue(JsonText.Bytes(node.Node), skipInputValidation: true);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteNull("NodeNames");
    });

    /// <summary>ExtenderPreemptionArgs: who would go where, whole or by UID.</summary>
    public static byte[] Candidates(Pod pod, IEnumerable<Candidate> candidates, bool byUid) => Write(writer =>
    {
        Whole(writer, "Pod", pod);
        var (given, other) = byUid ? ("NodeNameToMetaVictims", "NodeNameToVictims") : ("NodeNameToVictims", "NodeNameToMetaVictims");
        writer.WriteStartObject(given);
        foreach (var candidate in candidates.OrderBy(c => c.Node, StringComparer.Ordinal))
        {
            writer.WriteStartObject(candidate.Node);
            writer.WriteStartArray("Pods");
            foreach (var victim in candidate.Victims)
            {
                if (byUid)
                {
                    writer.WriteStartObject();
                    writer.WriteString("UID", victim.Uid);
                    writer.WriteEndObject();
                }
                else
                {
                    writer.WriteRawValue(JsonText.Bytes(victim.Pod), skipInputValidation: true);
                }
            }

            writer.WriteEndArray();
            writer.WriteNumber("NumPDBViolations", candidate.Violations);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteNull(other);
    });

    /// <summary>ExtenderBindingArgs.</summary>
    public static byte[] Binding(Pod pod, string node) => Write(writer =>
    {
        writer.WriteString("PodName", pod.Metadata.Name);
        writer.WriteString("PodNamespace", pod.Metadata.Namespace);
        writer.WriteString("PodUID", pod.Metadata.Uid);
        writer.WriteString("Node", node);
    });

    /// <summary>A text of an answer; empty for none.</summary>
    public static string Text(JsonNode? answer, string field) => Field(answer, field) is not { } node ? "" : node is JsonValue value && value.TryGetValue<string>(out var text) ? text : throw Wrong(field);

    /// <summary>A number of an answer; 0 for none.</summary>
    public static long Number(JsonNode? answer, string field) => Field(answer, field) is not { } node ? 0 : node is JsonValue value && value.TryGetValue<long>(out var number) ? number : throw Wrong(field);

    /// <summary>A list of an answer; null for none.</summary>
    public static JsonArray? Items(JsonNode? answer, string field) => Field(answer, field) is not { } node ? null : node as JsonArray ?? throw Wrong(field);

    /// <summary>An object of an answer with a member for each node; empty for none.</summary>
    public static IEnumerable<KeyValuePair<string, JsonNode?>> Members(JsonNode? answer, string field) => Field(answer, field) is not { } node ? [] : node as JsonObject ?? throw Wrong(field);

    /// <summary>A member by its name; null for none.</summary>
    public static JsonNode? Field(JsonNode? answer, string field) => answer is null ? null : answer is JsonObject fields ? fields[field] : throw Wrong(field);

    /// <summary>The names of an answer's nodes, told as names or whole; null when it tells of none.</summary>
    public static IReadOnlyList<string>? Nodes(JsonNode answer, bool byName)
    {
        if (byName && Items(answer, "NodeNames") is { } names)
        {
            return [.. names.Select(n => n is JsonValue value && value.TryGetValue<string>(out var name) ? name : throw Wrong("NodeNames"))];
        }

        return Field(answer, "Nodes") is { } list ? [.. (Items(list, "items") ?? []).Select(n => Text(Field(n, "metadata"), "name"))] : null;
    }

    private static ExtenderException Wrong(string field) => new($"json: cannot unmarshal field {field} of an extender's answer");

    private static void Whole(Utf8JsonWriter writer, string name, IJsonWritable value)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(JsonText.Bytes(value), skipInputValidation: true);
    }

    private static byte[] Write(Action<Utf8JsonWriter> fields)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
        {
            writer.WriteStartObject();
            fields(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
