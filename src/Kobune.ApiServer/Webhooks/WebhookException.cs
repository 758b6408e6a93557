namespace Kobune.ApiServer.Webhooks;

/// <summary>A webhook could not be called, or answered with no success. The message is what upstream's client says.</summary>
/// <param name="message">"Post \"https://...\": context deadline exceeded".</param>
/// <param name="code">The HTTP status that the failure counts as in metrics.</param>
/// <param name="inner">What happened to the connection.</param>
internal sealed class WebhookException(string message, int code = 503, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>HTTP status code.</summary>
    public int Code { get; } = code;
}
