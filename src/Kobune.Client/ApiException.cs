using System.Text;
using System.Text.Json;
using Kobune.Api.Meta.V1;
using Kobune.Client.Transport;

namespace Kobune.Client;

/// <summary>The server's refusal: its Status is the error. Branch on the reason, never on the text.</summary>
public sealed class ApiException(Status status) : Exception(status.Message.Length > 0 ? status.Message : "the server answered with an error: " + status.Reason)
{
    private const int ShownBytes = 2048;

    /// <summary>What the server said.</summary>
    public Status Status { get; } = status;

    /// <summary>HTTP status code.</summary>
    public int Code => Status.Code;

    /// <summary>Machine-readable reason, one of <see cref="StatusReason"/>.</summary>
    public string Reason => Status.Reason;

    /// <summary>The object or the resource does not exist.</summary>
    public bool IsNotFound => Reason == StatusReason.NotFound || (Reason.Length == 0 && Code == 404);

    /// <summary>The object changed since it was read, or a precondition does not hold.</summary>
    public bool IsConflict => Reason == StatusReason.Conflict;

    /// <summary>An object of this name exists.</summary>
    public bool IsAlreadyExists => Reason == StatusReason.AlreadyExists;

    /// <summary>The object breaks a rule of its kind.</summary>
    public bool IsInvalid => Reason == StatusReason.Invalid;

    /// <summary>The identity may not do this.</summary>
    public bool IsForbidden => Reason == StatusReason.Forbidden;

    /// <summary>The revision or continue token is no longer served.</summary>
    public bool IsExpired => Reason is StatusReason.Expired or StatusReason.Gone || (Reason.Length == 0 && Code == 410);

    /// <summary>The server asks to come later.</summary>
    public bool IsTooManyRequests => Reason == StatusReason.TooManyRequests || (Reason.Length == 0 && Code == 429);

    /// <summary>The namespace of the object is going away (a cause of a Forbidden create).</summary>
    public bool IsNamespaceTerminating => IsForbidden && Status.Details is { } details && details.Causes.Any(c => c.Type == "NamespaceTerminating");

    /// <summary>The error of an answer; a body that is no Status becomes one, in client-go's words.</summary>
    public static ApiException Of(ApiResponse response) => new(StatusOf(response.StatusCode, response.Body.Json.Span));

    /// <summary>A body as Status, made up where a proxy or a server in trouble sent something else.</summary>
    public static Status StatusOf(int code, ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            if (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                var status = Status.ReadJson(ref reader);
                if (status.Kind == "Status" && (status.Reason.Length > 0 || status.Code > 0 || status.Message.Length > 0))
                {
                    return status.Code == 0 ? status with { Code = code } : status;
                }
            }
        }
        catch (JsonException)
        {
            // Not a Status: the text itself is the message.
        }

        var text = Encoding.UTF8.GetString(body.Length > ShownBytes ? body[..ShownBytes] : body).Trim();
        return new Status { StatusValue = "Failure", Code = code, Reason = ReasonOf(code), Message = MessageOf(code, text) };
    }

    private static string MessageOf(int code, string text) => code switch
    {
        404 => "the server could not find the requested resource",
        401 => "the server has asked for the client to provide credentials",
        429 => "the server has received too many requests and has asked us to try again later",
        _ => $"an error on the server (\"{(text.Length == 0 ? "unknown" : text)}\") has prevented the request from succeeding",
    };

    private static string ReasonOf(int code) => code switch
    {
        400 => StatusReason.BadRequest,
        401 => StatusReason.Unauthorized,
        403 => StatusReason.Forbidden,
        404 => StatusReason.NotFound,
        405 => StatusReason.MethodNotAllowed,
        406 => StatusReason.NotAcceptable,
        409 => StatusReason.Conflict,
        410 => StatusReason.Gone,
        415 => StatusReason.UnsupportedMediaType,
        422 => StatusReason.Invalid,
        429 => StatusReason.TooManyRequests,
        503 => StatusReason.ServiceUnavailable,
        504 => StatusReason.Timeout,
        _ => StatusReason.InternalError,
    };
}
