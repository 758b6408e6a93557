using Kobune.Api.Meta.V1;

namespace Kobune.ApiServer.Errors;

/// <summary>A request is refused; the Status is the answer in upstream's words. Made by <see cref="StatusErrors"/>.</summary>
public sealed class StatusException(Status status) : Exception(status.Message)
{
    /// <summary>The whole answer.</summary>
    public Status Status { get; } = status;

    /// <summary>What the answer over HTTP is instead of the Status, as of a filter that knows of no API; null for the Status.</summary>
    public string? PlainText { get; init; }

    /// <summary>HTTP status code.</summary>
    public int Code => Status.Code;

    /// <summary>Machine readable reason, "NotFound".</summary>
    public string Reason => Status.Reason;

    /// <summary>Seconds after which a retry makes sense; also sent as the Retry-After header.</summary>
    public int RetryAfterSeconds => Status.Details?.RetryAfterSeconds ?? 0;
}
