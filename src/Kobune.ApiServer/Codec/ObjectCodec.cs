using System.Text.Json.Nodes;
using Kobune.Api.Schema;
using Kobune.Api.Schema.Protobuf;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Codec;

/// <summary>Bodies to trees and trees to canonical bytes, driven by the schema. Refuses in the words of upstream's request handlers.</summary>
internal sealed class ObjectCodec(ApiSchema schema)
{
    /// <summary>All types.</summary>
    public ApiSchema Schema { get; } = schema;

    /// <summary>Decodes a JSON, YAML or protobuf body of a kind. Unknown and duplicate fields are dropped, warned of or refused.</summary>
    public JsonObject Decode(ApiCall call, ReadOnlyMemory<byte> body, SchemaType type, FieldValidation validation)
    {
        var format = MediaTypes.Bare(call.ContentType);
        if (body.IsEmpty && format != MediaTypes.Protobuf)
        {
            throw StatusErrors.BadRequest($"the object provided is unrecognized (must be of type {type.Name}): couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)");
        }

        var strict = validation == FieldValidation.Ignore ? null : new StrictErrors();
        var (apiVersion, kind) = ("", "");
        try
        {
            JsonObject obj;
            if (format == MediaTypes.Protobuf && !type.IsCustom)
            {
                (apiVersion, kind) = ProtobufEnvelope.ReadTypeMeta(body.Span);
                BodyKind.Check(Schema, apiVersion, kind, type, body.Span);
                obj = ProtobufEnvelope.Decode(body.Span, type);
            }
            else
            {
                var json = ObjectReader.Parse(format switch
                {
                    "" or MediaTypes.Json => body.Span,
                    MediaTypes.Yaml => YamlToJson.Convert(body, strict),
                    _ => throw StatusErrors.UnsupportedMediaType(MediaTypes.Bodies),
                });
                if (type.IsCustom)
                {
                    CustomBody.CheckKind(json, body.Span, type);
                }

                (apiVersion, kind) = ObjectReader.ReadTypeMeta(json);
                BodyKind.Check(Schema, apiVersion, kind, type, body.Span);
                obj = ObjectReader.Read(json, type, strict);
            }

            Report(call, strict, validation);
            CustomBody.Finish(obj, type);
            call.Audit?.Sent(obj);
            return obj;
        }
        catch (ObjectDecodeException e)
        {
            throw StatusErrors.BadRequest(kind.Length > 0 || apiVersion.Length > 0 || format == MediaTypes.Protobuf
                ? $"{type.Name} in version \"{ApiSchema.SplitApiVersion(type.ApiVersion).Version}\" cannot be handled as a {type.Name}: {e.Message}"
                : $"the object provided is unrecognized (must be of type {type.Name}): {(format == MediaTypes.Yaml ? "" : "couldn't get version/kind; json parse error: ")}{e.Message} ({BodySummary.Of(body.Span)})");
        }
    }

    /// <summary>Checks a tree that a patch made: types, unknown fields, quantities. The result is a new tree.</summary>
    public static JsonObject Check(ApiCall call, JsonObject patched, SchemaType type, FieldValidation validation, PatchDocument? patch = null, bool keepsNulls = false)
    {
        var strict = validation == FieldValidation.Ignore ? null : new StrictErrors();
        try
        {
            foreach (var problem in patch?.Problems ?? [])
            {
                strict?.Add(problem);
            }

            if (patch is { MakesBody: true } && !type.IsCustom && BodyKind.ProblemOf(ApiSchema.BuiltIn, Text(patched, "apiVersion"), Text(patched, "kind"), type) is { } misfit)
            {
                throw new ObjectDecodeException(misfit);
            }

            var obj = ObjectReader.Read(Fields.FieldJson.Write(patched), type, strict, keepsNulls);
            Report(call, strict, validation);
            CustomBody.Finish(obj, type);
            return obj;
        }
        catch (ObjectDecodeException e)
        {
            throw patch?.Refuse(patched, e.Message)
                ?? StatusErrors.BadRequest($"{type.Name} in version \"{ApiSchema.SplitApiVersion(type.ApiVersion).Version}\" cannot be handled as a {type.Name}: {e.Message}");
        }
    }

    /// <summary>Canonical bytes of a tree.</summary>
    public static byte[] Encode(SchemaType type, JsonObject obj) => ObjectWriter.Write(obj, type);

    private static string Text(JsonObject obj, string name) => obj[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";

    private static void Report(ApiCall call, StrictErrors? strict, FieldValidation validation)
    {
        if (strict?.Message is not { } message)
        {
            return;
        }

        if (validation == FieldValidation.Strict)
        {
            throw new ObjectDecodeException(message);
        }

        foreach (var item in strict.Items)
        {
            call.Warn(item);
        }
    }
}
