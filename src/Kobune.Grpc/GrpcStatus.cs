using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Kobune.Grpc;

/// <summary>How a status travels: the grpc-status and grpc-message trailers, or the headers of an answer without a body.</summary>
internal static class GrpcStatus
{
    internal static void ThrowIfFailed(HttpResponseMessage response)
    {
        var code = Find(response.TrailingHeaders, "grpc-status") ?? Find(response.Headers, "grpc-status");
        if (code == "0")
        {
            return;
        }

        if (code is null)
        {
            throw new RpcException(StatusCode.Internal, "the server closed the stream without a status");
        }

        var message = Find(response.TrailingHeaders, "grpc-message") ?? Find(response.Headers, "grpc-message") ?? "";
        throw new RpcException(Parse(code), Decode(message));
    }

    /// <summary>The status that gRPC's HTTP mapping gives an answer that is not gRPC's.</summary>
    internal static void ThrowIfNotGrpc(HttpResponseMessage response)
    {
        if (response.StatusCode == HttpStatusCode.OK)
        {
            return;
        }

        var code = response.StatusCode switch
        {
            HttpStatusCode.BadRequest => StatusCode.Internal,
            HttpStatusCode.Unauthorized => StatusCode.Unauthenticated,
            HttpStatusCode.Forbidden => StatusCode.PermissionDenied,
            HttpStatusCode.NotFound => StatusCode.Unimplemented,
            HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => StatusCode.Unavailable,
            _ => StatusCode.Unknown,
        };
        throw new RpcException(code, $"unexpected HTTP status code received from server: {(int)response.StatusCode}");
    }

    internal static string Encode(string message)
    {
        var text = new StringBuilder(message.Length);
        foreach (var b in Encoding.UTF8.GetBytes(message))
        {
            if (b is >= 0x20 and <= 0x7e and not (byte)'%')
            {
                text.Append((char)b);
            }
            else
            {
                text.Append('%').Append(b.ToString("X2", CultureInfo.InvariantCulture));
            }
        }

        return text.ToString();
    }

    internal static string Decode(string message) => message.Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(message) : message;

    /// <summary>The grpc-timeout header: at most eight digits and a unit.</summary>
    internal static string EncodeTimeout(TimeSpan timeout)
    {
        var milliseconds = Math.Max(1, (long)Math.Ceiling(timeout.TotalMilliseconds));
        return milliseconds < 100_000_000 ? $"{milliseconds}m" : $"{Math.Min(99_999_999, milliseconds / 1000)}S";
    }

    private static StatusCode Parse(string code) =>
        int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 16 ? (StatusCode)number : StatusCode.Unknown;

    private static string? Find(HttpHeaders headers, string name) => headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;
}
