using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api.Schema;
using Kobune.Api.Schema.Protobuf;
using Kobune.ApiServer.Codec;
using Kobune.ApiServer.Fields;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Watch;

namespace Kobune.ApiServer.Http;

/// <summary>Other forms of an entry, made lazily, once per revision and form.</summary>
internal sealed class EntryForms(ApiSchema schema)
{
    private readonly SchemaType _partial = schema.FindKind("meta", "v1", "PartialObjectMetadata")!;

    /// <summary>One object's bytes in a form. The entry is in the version of <paramref name="resource"/>.</summary>
    public ReadOnlyMemory<byte> Bytes(CacheEntry entry, ServedResource resource, AnswerForm form) => (form.Form, form.IsProtobuf) switch
    {
        (ObjectForm.Partial, false) => PartialJson(entry, form.MetaVersion),
        (ObjectForm.Partial, true) => entry.Shared((typeof(EntryForms), "partial", form.MetaVersion), e => new Holder(ProtobufEnvelope.Encode(PartialJson(e, form.MetaVersion).Span, _partial))).Bytes,
        (_, true) => entry.Shared((typeof(EntryForms), "protobuf", ""), e => new Holder(ProtobufEnvelope.Encode(e.Json.Span, resource.Schema.Type))).Bytes,
        _ => entry.Json,
    };

    /// <summary>PartialObjectMetadata of an entry as JSON.</summary>
    public static ReadOnlyMemory<byte> PartialJson(CacheEntry entry, string version) =>
        entry.Shared((typeof(EntryForms), "partial json", version), e =>
        {
            var head = Encoding.UTF8.GetBytes($"{{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/{version}\",\"metadata\":");
            var metadata = Metadata(e.Json.Span);
            var bytes = new byte[head.Length + metadata.Length + 1];
            head.CopyTo(bytes, 0);
            metadata.CopyTo(bytes.AsSpan(head.Length));
            bytes[^1] = (byte)'}';
            return new Holder(bytes);
        }).Bytes;

    /// <summary>The metadata as upstream has it inside: the number of a daemon set's template is a field of its spec there, and an annotation only of the whole object.</summary>
    private static ReadOnlySpan<byte> Metadata(ReadOnlySpan<byte> json)
    {
        var metadata = JsonFields.Raw(json, "metadata");
        if (metadata.IndexOf("\"deprecated.daemonset.template.generation\""u8) < 0 || JsonFields.Text(json, "kind") != "DaemonSet")
        {
            return metadata;
        }

        var tree = JsonNode.Parse(metadata)!.AsObject();
        if (tree["annotations"] is JsonObject annotations && annotations.Remove("deprecated.daemonset.template.generation") && annotations.Count == 0)
        {
            tree.Remove("annotations");
        }

        return FieldJson.Write(tree);
    }

    private sealed record Holder(ReadOnlyMemory<byte> Bytes);
}
