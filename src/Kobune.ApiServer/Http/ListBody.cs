using System.IO.Pipelines;
using System.Text;
using Kobune.Api.Schema;
using Kobune.Api.Schema.Protobuf;
using Kobune.ApiServer.Codec;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Http;

/// <summary>A list as pieces that are written one after another: what is stored is copied, never decoded.</summary>
internal sealed class ListBody
{
    private const int FlushEvery = 256 * 1024;
    private static readonly byte[] Open = "{"u8.ToArray();
    private static readonly byte[] NextOpen = ",{"u8.ToArray();
    private static readonly byte[] Next = ","u8.ToArray();
    private static readonly byte[] End = "]}"u8.ToArray();

    private readonly List<ReadOnlyMemory<byte>> _pieces = [];

    private ListBody()
    {
    }

    /// <summary>Bytes in all.</summary>
    public long Length { get; private set; }

    public static ListBody Of(ListResult result, AnswerForm form, EntryForms forms, ApiSchema schema) =>
        form.IsProtobuf ? Protobuf(result, form, forms, schema) : Pieces(result, form);

    private static ListBody Pieces(ListResult result, AnswerForm form)
    {
        var body = new ListBody();
        var list = result.List;
        var kind = form.Form == ObjectForm.Partial ? "PartialObjectMetadataList" : result.Resource.Schema.ListKind;
        body.Add(Encoding.UTF8.GetBytes($"{{\"kind\":\"{kind}\",\"apiVersion\":\"{ApiVersion(result, form)}\",\"metadata\":{Metadata(result, form)},\"items\":["));
        for (var i = 0; i < list.Items.Count; i++)
        {
            var entry = list.Items[i];
            if (form.Form == ObjectForm.Partial)
            {
                body.Add(i == 0 ? default : Next);
                body.Add(EntryForms.PartialJson(entry, form.MetaVersion));
            }
            else if (result.Resource.Schema.IsCustom)
            {
                body.Add(i == 0 ? default : Next);
                body.Add(entry.Json);
            }
            else
            {
                // Items of a typed list have no kind and apiVersion of their own.
                body.Add(i == 0 ? Open : NextOpen);
                body.Add(entry.Tail);
            }
        }

        body.Add(End);
        return body;
    }

    /// <summary>The list as one JSON document.</summary>
    public static byte[] Json(ListResult result) => Pieces(result, AnswerForm.Json).ToArray();

    public byte[] ToArray()
    {
        var bytes = new byte[Length];
        var at = 0;
        foreach (var piece in _pieces)
        {
            piece.Span.CopyTo(bytes.AsSpan(at));
            at += piece.Length;
        }

        return bytes;
    }

    public async Task WriteAsync(PipeWriter writer, CancellationToken ct)
    {
        var unflushed = 0;
        foreach (var piece in _pieces)
        {
            System.Buffers.BuffersExtensions.Write(writer, piece.Span);
            unflushed += piece.Length;
            if (unflushed >= FlushEvery)
            {
                await writer.FlushAsync(ct);
                unflushed = 0;
            }
        }

        await writer.FlushAsync(ct);
    }

    private static string ApiVersion(ListResult result, AnswerForm form) =>
        form.Form == ObjectForm.Partial ? $"meta.k8s.io/{form.MetaVersion}" : result.Resource.ApiVersion;

    private static string Metadata(ListResult result, AnswerForm form)
    {
        var list = result.List;
        var more = list.Continue.Length > 0 || (result.Resource.Schema.IsCustom && form.Form != ObjectForm.Partial) ? $",\"continue\":\"{list.Continue}\"" : "";
        more += list.Remaining is { } remaining ? $",\"remainingItemCount\":{remaining}" : "";
        return $"{{\"resourceVersion\":\"{list.Revision}\"{more}}}";
    }

    /// <summary>Items are encoded once per revision and shared by all who list or watch them in this form.</summary>
    private static ListBody Protobuf(ListResult result, AnswerForm form, EntryForms forms, ApiSchema schema)
    {
        var apiVersion = ApiVersion(result, form);
        var type = form.Form == ObjectForm.Partial ? schema.FindKind(apiVersion, "PartialObjectMetadataList")! : result.Resource.Schema.ListType!;
        var items = new ReadOnlyMemory<byte>[result.List.Items.Count];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = forms.Bytes(result.List.Items[i], result.Resource, form);
        }

        var body = new ListBody();
        foreach (var piece in ProtobufList.Pieces(type, apiVersion, ObjectReader.Parse(Encoding.UTF8.GetBytes(Metadata(result, form))), items))
        {
            body.Add(piece);
        }

        return body;
    }

    private void Add(ReadOnlyMemory<byte> piece)
    {
        if (piece.Length > 0)
        {
            _pieces.Add(piece);
            Length += piece.Length;
        }
    }
}
