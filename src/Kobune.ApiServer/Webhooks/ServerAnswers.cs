using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api.Schema;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Webhooks;

/// <summary>How upstream's client reads an answer: what one that is no success means (k8s.io/apimachinery, api/errors, NewGenericServerResponse), and what is a document with a kind.</summary>
internal static class ServerAnswers
{
    /// <summary>The failure that an answer with this code tells.</summary>
    public static WebhookException Failure(int code, byte[] body)
    {
        var text = Encoding.UTF8.GetString(body).Trim();
        if (TryParse(body) is { } status && status.Text("kind") == "Status" && status.Text("status") != "Success" && status.Text("message") is { Length: > 0 } message)
        {
            return new(message, (int)(status.Number("code") ?? code));
        }

        return new(Words(code, text.Length == 0 ? "unknown" : text), code);
    }

    /// <summary>The document of a successful answer.</summary>
    /// <exception cref="WebhookException">It is no JSON object with a kind.</exception>
    public static JsonObject Document(byte[] body)
    {
        if (body.Length == 0)
        {
            throw new WebhookException("0-length response with status code: 200 and content type: ");
        }

        JsonObject? document;
        try
        {
            document = ObjectReader.ReadAny(ObjectReader.Parse(body)) as JsonObject;
        }
        catch (ObjectDecodeException e)
        {
            throw new WebhookException($"couldn't get version/kind; json parse error: {e.Message}");
        }

        return document is null ? throw new WebhookException("couldn't get version/kind; json parse error: json: cannot unmarshal into Go value of type struct")
            : document.Text("kind").Length == 0 ? throw new WebhookException($"Object 'Kind' is missing in '{Encoding.UTF8.GetString(body)}'")
            : document;
    }

    private static JsonObject? TryParse(byte[] body)
    {
        try
        {
            return ObjectReader.ReadAny(ObjectReader.Parse(body)) as JsonObject;
        }
        catch (ObjectDecodeException)
        {
            return null;
        }
    }

    private static string Words(int code, string text) => code switch
    {
        400 => "the server rejected our request for an unknown reason",
        401 => "the server has asked for the client to provide credentials",
        403 or 406 or 415 => text,
        404 => "the server could not find the requested resource",
        405 => "the server does not allow this method on the requested resource",
        409 => "the server reported a conflict",
        422 => "the server rejected our request due to an error in our request",
        429 => "the server has received too many requests and has asked us to try again later",
        503 => "the server is currently unable to handle the request",
        504 => "the server was unable to return a response in the time allotted, but may still be processing the request",
        >= 500 => $"an error on the server ({JsonValue.Create(text).ToJsonString()}) has prevented the request from succeeding",
        _ => $"the server responded with the status code {code} but did not return more information",
    };
}
