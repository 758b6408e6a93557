using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Api.Json;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Http;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Audit;

/// <summary>Writes audit.k8s.io/v1 Events, straight to UTF-8, and the one-line form of the first releases. Source: k8s.io/apiserver, audit (request.go, format.go).</summary>
internal static class AuditEventWriter
{
    /// <summary>One event. Without bodies it is the truncated form.</summary>
    public static void Write(IBufferWriter<byte> buffer, AuditRecord record, AuditStage stage, int code, DateTimeOffset now, bool isTruncated = false)
    {
        var call = record.Call;
        var level = isTruncated ? AuditLevel.Metadata : record.Decision.Level;
        using var w = new Utf8JsonWriter(buffer, JsonText.WriterOptions);
        w.WriteStartObject();
        w.WriteString("kind"u8, "Event"u8);
        w.WriteString("apiVersion"u8, "audit.k8s.io/v1"u8);
        w.WriteString("level"u8, Name(level));
        w.WriteString("auditID"u8, record.Id);
        w.WriteString("stage"u8, Name(stage));
        w.WriteString("requestURI"u8, call.RequestUri);
        w.WriteString("verb"u8, call.Info.Verb);
        w.WritePropertyName("user"u8);
        WriteUser(w, record.User);
        if (!ReferenceEquals(record.User, call.User) && record.User is not null)
        {
            w.WritePropertyName("impersonatedUser"u8);
            WriteUser(w, call.User);
        }

        w.WriteStartArray("sourceIPs"u8);
        foreach (var ip in call.SourceIPs())
        {
            w.WriteStringValue(ip);
        }

        w.WriteEndArray();
        if (call.UserAgent.Length > 0)
        {
            w.WriteString("userAgent"u8, call.UserAgent);
        }

        if (call.Info.IsResourceRequest)
        {
            WriteReference(w, record);
        }

        if (stage != AuditStage.RequestReceived)
        {
            WriteStatus(w, record, code, isTruncated);
        }

        if (level >= AuditLevel.Request && record.HasBody)
        {
            WriteObject(w, "requestObject"u8, record.RequestObject, record.Decision.OmitManagedFields);
        }

        if (level >= AuditLevel.RequestResponse && stage == AuditStage.ResponseComplete && ResponseObject(record) is { IsEmpty: false } answer)
        {
            WriteObject(w, "responseObject"u8, answer, record.Decision.OmitManagedFields);
        }

        WriteTime(w, "requestReceivedTimestamp"u8, record.Received);
        WriteTime(w, "stageTimestamp"u8, now);
        var annotations = record.Annotations();
        if (annotations.Length > 0 || isTruncated)
        {
            w.WriteStartObject("annotations"u8);
            if (isTruncated)
            {
                w.WriteString("audit.k8s.io/truncated"u8, "true"u8);
            }

            foreach (var (key, value) in annotations)
            {
                w.WriteString(key, value);
            }

            w.WriteEndObject();
        }

        w.WriteEndObject();
    }

    /// <summary>The one-line form.</summary>
    public static string Legacy(AuditRecord record, AuditStage stage, int code)
    {
        var (call, user) = (record.Call, record.User);
        var isSelf = user is null || ReferenceEquals(user, call.User);
        static string List(IReadOnlyList<string> items) => string.Join(',', items.Select(Quote));
        var groups = user is { Groups.Count: > 0 } ? List(user.Groups) : "\"<none>\"";
        var asGroups = isSelf ? "\"<lookup>\"" : List(call.User!.Groups);
        return $"{record.Received.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture)} AUDIT: id={Quote(record.Id)} stage={Quote(Name(stage))} ip={Quote(call.SourceIPs().FirstOrDefault() ?? "<unknown>")} "
            + $"method={Quote(call.Info.Verb)} user={Quote(user?.Name ?? "<none>")} groups={groups} as={Quote(isSelf ? "<self>" : call.User!.Name)} asgroups={asGroups} user-agent={Quote(call.UserAgent)} "
            + $"namespace={Quote(call.Info.Namespace.Length > 0 ? call.Info.Namespace : "<none>")} uri={Quote(call.RequestUri)} response=\"{(stage == AuditStage.RequestReceived ? "<deferred>" : code.ToString(CultureInfo.InvariantCulture))}\"";
    }

    private static string Quote(string text) => "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal) + "\"";

    private static string Name(AuditLevel level) => level switch
    {
        AuditLevel.Metadata => "Metadata",
        AuditLevel.Request => "Request",
        AuditLevel.RequestResponse => "RequestResponse",
        _ => "None",
    };

    private static string Name(AuditStage stage) => stage switch
    {
        AuditStage.RequestReceived => "RequestReceived",
        AuditStage.ResponseStarted => "ResponseStarted",
        AuditStage.ResponseComplete => "ResponseComplete",
        _ => "Panic",
    };

    private static void WriteUser(Utf8JsonWriter w, UserInfo? user)
    {
        w.WriteStartObject();
        Text(w, "username"u8, user?.Name);
        Text(w, "uid"u8, user?.Uid);
        if (user is { Groups.Count: > 0 })
        {
            w.WriteStartArray("groups"u8);
            foreach (var group in user.Groups)
            {
                w.WriteStringValue(group);
            }

            w.WriteEndArray();
        }

        if (user is { Extra.Count: > 0 })
        {
            w.WriteStartObject("extra"u8);
            foreach (var (key, values) in user.Extra.OrderBy(e => e.Key, StringComparer.Ordinal))
            {
                w.WriteStartArray(key);
                foreach (var value in values)
                {
                    w.WriteStringValue(value);
                }

                w.WriteEndArray();
            }

            w.WriteEndObject();
        }

        w.WriteEndObject();
    }

    private static void WriteReference(Utf8JsonWriter w, AuditRecord record)
    {
        var (info, sent) = (record.Call.Info, record.Reference);
        w.WriteStartObject("objectRef"u8);
        Text(w, "resource"u8, info.Resource);
        Text(w, "namespace"u8, info.Namespace.Length > 0 ? info.Namespace : sent.Namespace);
        Text(w, "name"u8, info.Name.Length > 0 ? info.Name : sent.Name);
        Text(w, "uid"u8, sent.Uid);
        Text(w, "apiGroup"u8, info.ApiGroup);
        Text(w, "apiVersion"u8, info.ApiVersion);
        Text(w, "resourceVersion"u8, sent.ResourceVersion);
        Text(w, "subresource"u8, info.Subresource);
        w.WriteEndObject();
    }

    private static void WriteStatus(Utf8JsonWriter w, AuditRecord record, int code, bool isTruncated)
    {
        if (isTruncated)
        {
            return;
        }

        w.WriteStartObject("responseStatus"u8);
        w.WriteStartObject("metadata"u8);
        w.WriteEndObject();
        var status = record.Refusal ?? (record.Result is DocumentResult document && IsStatus(document) ? document.Document.Read<Api.Meta.V1.Status>() : null);
        if (status is not null)
        {
            Text(w, "status"u8, status.StatusValue);
            Text(w, "message"u8, status.Message);
            Text(w, "reason"u8, status.Reason);
            if (status.Details is { } details)
            {
                w.WritePropertyName("details"u8);
                details.WriteJson(w);
            }
        }

        w.WriteNumber("code"u8, code);
        w.WriteEndObject();
    }

    private static bool IsStatus(DocumentResult document)
    {
        var head = document.Document.Json.Span;
        return head[..Math.Min(head.Length, 64)].IndexOf("\"kind\":\"Status\""u8) >= 0;
    }

    private static ReadOnlyMemory<byte> ResponseObject(AuditRecord record) => record.Result switch
    {
        ObjectResult one => one.Entry.Json,
        DocumentResult document => document.Document.Json,
        ListResult list => ListBody.Json(list),
        _ => record.Refusal is { } refusal ? JsonText.Bytes(refusal) : default,
    };

    private static void WriteObject(Utf8JsonWriter w, ReadOnlySpan<byte> name, ReadOnlyMemory<byte> json, bool omitManagedFields)
    {
        w.WritePropertyName(name);
        if (!omitManagedFields || json.Span.IndexOf("\"managedFields\""u8) < 0)
        {
            w.WriteRawValue(json.Span, skipInputValidation: true);
            return;
        }

        var tree = JsonNode.Parse(json.Span);
        Strip(tree);
        foreach (var item in tree?["items"] as JsonArray ?? [])
        {
            Strip(item);
        }

        tree!.WriteTo(w);
    }

    private static void Strip(JsonNode? node) => ((node as JsonObject)?["metadata"] as JsonObject)?.Remove("managedFields");

    private static void Text(Utf8JsonWriter w, ReadOnlySpan<byte> name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            w.WriteString(name, value);
        }
    }

    private static void WriteTime(Utf8JsonWriter w, ReadOnlySpan<byte> name, DateTimeOffset time)
    {
        Span<byte> text = stackalloc byte[TimeText.MaxLength];
        w.WriteString(name, text[..TimeText.Format(time, TimeText.Microseconds, text)]);
    }
}
