using System.Text.Json.Nodes;
using Kobune.Api.Meta.V1;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Fields;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Audit;

/// <summary>What is known of one request that is audited. Filled on the request's way; plugins may annotate from several tasks.</summary>
internal sealed class AuditRecord(ApiCall call, AuditDecision decision, string id, DateTimeOffset received)
{
    private readonly Lock _gate = new();
    private SortedDictionary<string, string>? _annotations;

    public ApiCall Call => call;

    public AuditDecision Decision => decision;

    public string Id => id;

    public DateTimeOffset Received => received;

    /// <summary>Who was authenticated; an impersonated user is the call's then.</summary>
    public UserInfo? User { get; } = call.User;

    /// <summary>What was sent, as JSON.</summary>
    public ReadOnlyMemory<byte> RequestObject { get; private set; }

    /// <summary>What is answered; null when the request was refused or ended early.</summary>
    public ApiResult? Result { get; set; }

    /// <summary>How it was refused.</summary>
    public Status? Refusal { get; set; }

    /// <summary>What the body adds to the path: the names of a new object, its UID and revision.</summary>
    public (string Namespace, string Name, string Uid, string ResourceVersion) Reference { get; private set; } = ("", "", "", "");

    public bool WantsBody => decision.Level >= AuditLevel.Request && !HasBody;

    public bool HasBody => !RequestObject.IsEmpty;

    /// <summary>Adds an annotation; the first value of a key stands.</summary>
    public void Annotate(string key, string value)
    {
        lock (_gate)
        {
            (_annotations ??= new(StringComparer.Ordinal)).TryAdd(key, value);
        }
    }

    /// <summary>All annotations, by key.</summary>
    public KeyValuePair<string, string>[] Annotations()
    {
        lock (_gate)
        {
            return _annotations is null ? [] : [.. _annotations];
        }
    }

    /// <summary>The decoded body. Only the first counts: an update may decode it again.</summary>
    public void Sent(JsonObject obj)
    {
        if (HasBody || Reference != ("", "", "", ""))
        {
            return;
        }

        if (obj.Child("metadata") is { } meta)
        {
            Reference = (meta.Text("namespace"), meta.Text("name"), meta.Text("uid"), meta.Text("resourceVersion"));
        }

        if (decision.Level >= AuditLevel.Request)
        {
            RequestObject = FieldJson.Write(obj);
        }
    }

    /// <summary>A body that is no object of the resource: a patch, or options.</summary>
    public void Sent(ReadOnlyMemory<byte> json)
    {
        if (WantsBody && !json.IsEmpty)
        {
            RequestObject = json;
        }
    }
}
