namespace Kobune.Ingress.Settings;

/// <summary>When another endpoint is tried: nginx' proxy_next_upstream.</summary>
[Flags]
internal enum NextUpstream
{
    None = 0,
    Error = 1,
    Timeout = 2,
    Http500 = 4,
    Http502 = 8,
    Http503 = 16,
    Http504 = 32,
    Http403 = 64,
    Http404 = 128,
    Http429 = 256,

    /// <summary>Also requests that may change something, although they may have reached the first endpoint.</summary>
    NonIdempotent = 512,
    Default = Error | Timeout,
}

/// <summary>The words of proxy_next_upstream.</summary>
internal static class NextUpstreams
{
    /// <summary>"error timeout http_502"; "off" alone means never. Unknown words are passed over.</summary>
    public static NextUpstream? Parse(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var result = NextUpstream.None;
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            result |= word switch
            {
                "error" => NextUpstream.Error,
                "timeout" => NextUpstream.Timeout,
                "http_500" => NextUpstream.Http500,
                "http_502" => NextUpstream.Http502,
                "http_503" => NextUpstream.Http503,
                "http_504" => NextUpstream.Http504,
                "http_403" => NextUpstream.Http403,
                "http_404" => NextUpstream.Http404,
                "http_429" => NextUpstream.Http429,
                "non_idempotent" => NextUpstream.NonIdempotent,
                _ => NextUpstream.None,
            };
        }

        return result;
    }

    /// <summary>Whether an answer with this status makes way for another endpoint.</summary>
    public static bool Covers(this NextUpstream when, int status) => status switch
    {
        500 => when.HasFlag(NextUpstream.Http500),
        502 => when.HasFlag(NextUpstream.Http502),
        503 => when.HasFlag(NextUpstream.Http503),
        504 => when.HasFlag(NextUpstream.Http504),
        403 => when.HasFlag(NextUpstream.Http403),
        404 => when.HasFlag(NextUpstream.Http404),
        429 => when.HasFlag(NextUpstream.Http429),
        _ => false,
    };
}
