using System.Buffers;
using System.Text;
using System.Text.Json;
using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Json;
using Kobune.Api.Schema;

namespace Kobune.ControllerManager.Revisions;

/// <summary>
/// What a revision remembers: a strategic merge patch that puts back the pod template, byte for byte as upstream writes it (keys sorted). kubectl sends it as it is to roll back,
/// and compares it with its own to see whether there is anything to roll back. Source: pkg/controller/statefulset and pkg/controller/daemon, getPatch.
/// </summary>
internal static class RevisionData
{
    /// <summary>Up to this minor release Go wrote the time of creation of a template's metadata, which never has one, as null.</summary>
    private const int LastWithNullTime = 33;

    private const string CreationTime = "creationTimestamp";

    /// <summary>{"spec":{"template":{"$patch":"replace",...}}}.</summary>
    public static JsonElement Of(PodTemplateSpec template, KubernetesVersion release)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("spec");
            writer.WriteStartObject("template");
            writer.WriteString("$patch", "replace");
            WriteSorted(writer, JsonText.Element(template), isTemplate: true, release.Minor <= LastWithNullTime);
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        var reader = JsonText.Reader(buffer.WrittenSpan);
        return JsonElement.ParseValue(ref reader);
    }

    /// <summary>The template that a revision puts back; null when its data are of another form.</summary>
    public static PodTemplateSpec? Template(ControllerRevision revision) =>
        revision.Data is { ValueKind: JsonValueKind.Object } data && data.TryGetProperty("spec", out var spec) && spec.ValueKind == JsonValueKind.Object
        && spec.TryGetProperty("template", out var template) && template.ValueKind == JsonValueKind.Object
            ? JsonText.Read<PodTemplateSpec>(Encoding.UTF8.GetBytes(template.GetRawText()))
            : null;

    /// <summary>Whether a revision puts back this template, however its data are written (upstream's StatefulSetSemanticRevisionComparison): another release's form must not restart pods.</summary>
    public static bool Matches(ControllerRevision revision, JsonElement wanted, PodTemplateSpec template) =>
        (revision.Data is { } data && JsonElement.DeepEquals(data, wanted)) || Template(revision) == template;

    private static void WriteSorted(Utf8JsonWriter writer, JsonElement obj, bool isTemplate, bool nullTimes)
    {
        foreach (var property in obj.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal))
        {
            writer.WritePropertyName(property.Name);
            if (isTemplate && nullTimes && property.Name == "metadata")
            {
                writer.WriteStartObject();
                WriteMetadata(writer, property.Value);
                writer.WriteEndObject();
            }
            else
            {
                WriteValue(writer, property.Value, property.Name == "volumeClaimTemplate", nullTimes);
            }
        }
    }

    private static void WriteMetadata(Utf8JsonWriter writer, JsonElement metadata)
    {
        var written = false;
        foreach (var property in metadata.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal))
        {
            if (!written && string.CompareOrdinal(property.Name, CreationTime) > 0)
            {
                writer.WriteNull(CreationTime);
                written = true;
            }

            writer.WritePropertyName(property.Name);
            WriteValue(writer, property.Value, isTemplate: false, nullTimes: true);
        }

        if (!written)
        {
            writer.WriteNull(CreationTime);
        }
    }

    private static void WriteValue(Utf8JsonWriter writer, JsonElement value, bool isTemplate, bool nullTimes)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                WriteSorted(writer, value, isTemplate, nullTimes);
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    WriteValue(writer, item, isTemplate: false, nullTimes);
                }

                writer.WriteEndArray();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }
}
