using System.Buffers;
using System.Text;
using System.Text.Json;
using Kobune.Api.Schema;
using Kobune.ApiServer.Errors;

namespace Kobune.ApiServer.Watch;

/// <summary>Where a list goes on. Upstream's token: base64 of {"v":"meta.k8s.io/v1","rv":..,"start":..}; rv -1 = go on with whatever is there now.</summary>
internal readonly record struct ContinueToken(long Revision, string StartKey)
{
    private const string TokenVersion = "meta.k8s.io/v1";
    private static readonly SearchValues<char> Base64Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>The token, with the key relative to the list's prefix.</summary>
    public string Encode(string prefix)
    {
        var json = $"{{\"v\":\"{TokenVersion}\",\"rv\":{Revision},\"start\":\"{JsonEncodedText.Encode(StartKey[prefix.Length..])}\"}}";
        return Convert.ToBase64String(Encoding.UTF8.GetBytes(json)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    /// <summary>Reads a token for a list under a prefix. Refuses with upstream's 400.</summary>
    public static ContinueToken Decode(string token, string prefix)
    {
        var root = Parse(token);
        var version = Text(root, "v");
        var revision = Number(root, "rv");
        var start = Text(root, "start");
        if (version != TokenVersion)
        {
            throw Invalid($" server does not recognize this encoded version {version}");
        }

        if (revision == 0)
        {
            throw Invalid(" incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
        }

        if (start.Length == 0)
        {
            throw Invalid(" encoded start key empty (version meta.k8s.io/v1)");
        }

        var path = start[0] == '/' ? start[1..] : start;
        return path.Split('/').Any(part => part is "" or "." or "..") && path.Length > 0
            ? throw Invalid($" {start}") // would lead out of the list, or means the same as another key
            : new(revision, prefix + path);
    }

    private static JsonElement Parse(string token)
    {
        var wrong = token.AsSpan().IndexOfAnyExcept(Base64Letters);
        if (wrong < 0 && token.Length % 4 == 1)
        {
            wrong = token.Length - 1;
        }

        if (wrong >= 0)
        {
            throw Invalid($" illegal base64 data at input byte {wrong}");
        }

        try
        {
            var padded = token.Replace('-', '+').Replace('_', '/').PadRight((token.Length + 3) / 4 * 4, '=');
            var root = ObjectReader.Parse(Convert.FromBase64String(padded));
            return root.ValueKind is JsonValueKind.Object or JsonValueKind.Null ? root : throw Invalid($" json: cannot unmarshal {GoName(root)} into Go value of type storage.continueToken");
        }
        catch (ObjectDecodeException e)
        {
            throw Invalid($" {e.Message}");
        }
    }

    private static string Text(JsonElement root, string name) => Member(root, name) switch
    {
        { ValueKind: JsonValueKind.Undefined or JsonValueKind.Null } => "",
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        var other => throw Unfit(GoName(other), name, "string"),
    };

    private static long Number(JsonElement root, string name) => Member(root, name) switch
    {
        { ValueKind: JsonValueKind.Undefined or JsonValueKind.Null } => 0,
        { ValueKind: JsonValueKind.Number } number => number.TryGetInt64(out var value) ? value : throw Unfit($"number {number.GetRawText()}", name, "int64"),
        var other => throw Unfit(GoName(other), name, "int64"),
    };

    private static JsonElement Member(JsonElement root, string name) => root.ValueKind == JsonValueKind.Object && root.TryGetProperty(name, out var value) ? value : default;

    private static string GoName(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => "bool",
        var kind => kind.ToString().ToLowerInvariant(),
    };

    private static StatusException Unfit(string have, string field, string want) => Invalid($" json: cannot unmarshal {have} into Go struct field continueToken.{field} of type {want}");

    private static StatusException Invalid(string why) => StatusErrors.BadRequest($"invalid continue token: continue key is not valid:{why}");
}
