using System.Buffers;
using System.Text;
using System.Text.Json;
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
        try
        {
            var padded = token.Replace('-', '+').Replace('_', '/');
            using var document = JsonDocument.Parse(Convert.FromBase64String(padded.PadRight((padded.Length + 3) / 4 * 4, '=')));
            var root = document.RootElement;
            if (root.GetProperty("v").GetString() != TokenVersion)
            {
                throw StatusErrors.BadRequest($"continue key is not valid: server does not recognize this encoded version \"{root.GetProperty("v")}\"");
            }

            var revision = root.GetProperty("rv").GetInt64();
            var start = root.GetProperty("start").GetString() ?? "";
            if (revision == 0)
            {
                throw StatusErrors.BadRequest("continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
            }

            if (start.Length == 0)
            {
                throw StatusErrors.BadRequest("continue key is not valid: encoded start key empty (version meta.k8s.io/v1)");
            }

            if (start.Contains("../", StringComparison.Ordinal))
            {
                throw StatusErrors.BadRequest($"continue key is not valid: {start}");
            }

            return new(revision, prefix + start);
        }
        catch (FormatException)
        {
            var at = token.AsSpan().IndexOfAnyExcept(Base64Letters);
            throw StatusErrors.BadRequest($"continue key is not valid: illegal base64 data at input byte {(at < 0 ? token.Length : at)}");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw StatusErrors.BadRequest($"continue key is not valid: {e.Message}");
        }
    }
}
