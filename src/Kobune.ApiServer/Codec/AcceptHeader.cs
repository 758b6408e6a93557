using System.Globalization;
using Kobune.ApiServer.Errors;

namespace Kobune.ApiServer.Codec;

/// <summary>Which shape of an object a client wants.</summary>
internal enum ObjectForm
{
    /// <summary>The object.</summary>
    Object,

    /// <summary>meta.k8s.io/v1 Table.</summary>
    Table,

    /// <summary>PartialObjectMetadata or PartialObjectMetadataList.</summary>
    Partial,
}

/// <summary>The form of an answer: shape and encoding.</summary>
/// <param name="Form">Shape.</param>
/// <param name="MediaType">application/json, application/yaml or protobuf.</param>
/// <param name="MetaVersion">Version of the Table or PartialObjectMetadata: v1 or v1beta1.</param>
internal readonly record struct AnswerForm(ObjectForm Form, string MediaType, string MetaVersion = "v1")
{
    public static AnswerForm Json { get; } = new(ObjectForm.Object, MediaTypes.Json);

    /// <summary>Of metadata: that of a list.</summary>
    public bool IsOfList { get; init; }

    public bool IsProtobuf => MediaType == MediaTypes.Protobuf;
}

/// <summary>Picks the form of an answer from an Accept header. Source: k8s.io/apiserver, endpoints/handlers/negotiation.</summary>
internal static class AcceptHeader
{
    /// <summary>What upstream's router asks before it asks anybody who could negotiate: a type that it produces, or any; 406 otherwise. It knows no type with any subtype.</summary>
    public static void Route(string? accept)
    {
        if (string.IsNullOrEmpty(accept))
        {
            return;
        }

        foreach (var clause in accept.AsSpan().Split(','))
        {
            var type = accept.AsSpan(clause);
            var end = type.IndexOf(';');
            if ((end < 0 ? type : type[..end]).Trim() is "*/*" or MediaTypes.Json or MediaTypes.Yaml or MediaTypes.Protobuf)
            {
                return;
            }
        }

        throw StatusErrors.NotAcceptable(MediaTypes.Bodies);
    }

    /// <summary>The first clause, by quality and order, that the server can meet; 406 when there is none. What is no stored object has no other shape than its own; custom objects have no protobuf, only their metadata has.</summary>
    public static AnswerForm Negotiate(string? accept, bool hasShapes = true, bool hasProtobuf = true)
    {
        if (string.IsNullOrEmpty(accept))
        {
            return AnswerForm.Json;
        }

        AnswerForm? best = null;
        var quality = 0.0;
        foreach (var clause in accept.Split(','))
        {
            if (Read(clause, out var q) is { } form && q > quality && (hasShapes || form.Form == ObjectForm.Object) && (hasProtobuf || !form.IsProtobuf || form.Form == ObjectForm.Partial))
            {
                best = form;
                quality = q;
            }
        }

        return best ?? throw StatusErrors.NotAcceptable(MediaTypes.Bodies);
    }

    private static AnswerForm? Read(string clause, out double quality)
    {
        var parts = clause.Split(';', StringSplitOptions.TrimEntries);
        quality = 1;
        var type = parts[0].ToLowerInvariant() switch
        {
            "*/*" or "application/*" or MediaTypes.Json => MediaTypes.Json,
            MediaTypes.Yaml => MediaTypes.Yaml,
            MediaTypes.Protobuf => MediaTypes.Protobuf,
            _ => null,
        };
        if (type is null)
        {
            return null;
        }

        string shape = "", version = "v1", group = "";
        foreach (var parameter in parts.AsSpan(1))
        {
            var equals = parameter.IndexOf('=', StringComparison.Ordinal);
            var value = equals < 0 ? "" : parameter[(equals + 1)..];
            switch (equals < 0 ? parameter : parameter[..equals])
            {
                case "q":
                    quality = double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var q) ? q : 1;
                    break;
                case "as":
                    shape = value;
                    break;
                case "v":
                    version = value;
                    break;
                case "g":
                    group = value;
                    break;
                default:
                    break;
            }
        }

        return Shaped(shape, type, group, version);
    }

    private static AnswerForm? Shaped(string shape, string type, string group, string version) => shape switch
    {
        "" => new(ObjectForm.Object, type),
        _ when group != "meta.k8s.io" || version is not ("v1" or "v1beta1") => null,
        "Table" when type != MediaTypes.Protobuf => new(ObjectForm.Table, type, version),
        "PartialObjectMetadata" or "PartialObjectMetadataList" => new(ObjectForm.Partial, type, version) { IsOfList = shape.EndsWith("List", StringComparison.Ordinal) },
        _ => null,
    };
}
