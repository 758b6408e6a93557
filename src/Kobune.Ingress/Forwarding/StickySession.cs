using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Kobune.Ingress.Serving;
using Kobune.Ingress.Settings;
using Kobune.Ingress.Upstreams;

namespace Kobune.Ingress.Forwarding;

/// <summary>
/// affinity: cookie. The cookie holds a key and, after a bar, the mark of the upstream that it was made for. Balanced keys choose the endpoint by
/// rendezvous hashing, so that an endpoint which comes or goes moves only its share of the sessions; persistent keys name their endpoint.
/// </summary>
internal sealed class StickySession(AffinitySettings settings, IngressCall call, Upstream upstream)
{
    private const char Delimiter = '|';
    private const int MaxDraws = 100;
    private string? _newKey;

    /// <summary>The endpoint of the client's cookie; a new session when it has none that counts.</summary>
    public int Pick()
    {
        var key = CookieKey();
        return key is not null && Find(key) is { } known ? known : Draw(avoid: -1);
    }

    /// <summary>The next endpoint after a failure: the same one, unless the session may change.</summary>
    public int PickAfterFailure(int failed) => settings.ChangeOnFailure ? Draw(failed) : failed;

    /// <summary>The Set-Cookie header of a new session; null for one that goes on.</summary>
    public string? SetCookie(DateTimeOffset now)
    {
        if (_newKey is null)
        {
            return null;
        }

        var cookie = new StringBuilder(settings.CookieName).Append('=').Append(_newKey).Append(Delimiter).Append(Mark());
        if (settings.Expires is { } expires)
        {
            cookie.Append("; Expires=").Append(now.AddSeconds(expires).ToUniversalTime().ToString("ddd, dd-MMM-yy HH:mm:ss 'GMT'", CultureInfo.InvariantCulture));
        }

        if (settings.MaxAge is { } age)
        {
            cookie.Append("; Max-Age=").Append(age);
        }

        if (settings.Domain is { } domain)
        {
            cookie.Append("; Domain=").Append(domain);
        }

        cookie.Append("; Path=").Append(settings.Path ?? call.Location.Pattern.Path);
        if (settings.Secure ?? call.Http.Request.IsHttps)
        {
            cookie.Append("; Secure");
        }

        cookie.Append("; HttpOnly");
        if (settings.SameSite is { } site && !(settings.ConditionalSameSiteNone && site == "None" && SameSite.IsMisunderstoodBy(call.Http.Request.Headers.UserAgent.ToString())))
        {
            cookie.Append("; SameSite=").Append(site);
        }

        return cookie.ToString();
    }

    private string? CookieKey()
    {
        var value = call.Http.Request.Cookies[settings.CookieName];
        var bar = value?.LastIndexOf(Delimiter) ?? -1;
        return bar > 0 && value![(bar + 1)..] == Mark() ? value[..bar] : null;
    }

    private int Draw(int avoid)
    {
        var index = upstream.Turn();
        if (index == avoid)
        {
            index = (index + 1) % upstream.Endpoints.Count;
        }

        if (settings.Persistent)
        {
            _newKey = upstream.Endpoints[index].Id;
            return index;
        }

        for (var i = 0; i < MaxDraws; i++) // a key that chooses this endpoint, or at least another one than the failed
        {
            _newKey = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
            if (Rendezvous(_newKey) is var drawn && (drawn == index || (i > MaxDraws / 2 && drawn != avoid)))
            {
                return drawn;
            }
        }

        return Rendezvous(_newKey!);
    }

    private int? Find(string key)
    {
        if (!settings.Persistent)
        {
            return Rendezvous(key);
        }

        for (var i = 0; i < upstream.Endpoints.Count; i++)
        {
            if (upstream.Endpoints[i].Id == key)
            {
                return i;
            }
        }

        return null;
    }

    private int Rendezvous(string key)
    {
        var (best, index) = (0UL, 0);
        for (var i = 0; i < upstream.Endpoints.Count; i++)
        {
            var weight = BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(key + upstream.Endpoints[i].Authority)));
            if (weight >= best)
            {
                (best, index) = (weight, i);
            }
        }

        return index;
    }

    private string Mark() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(upstream.Name))[..16]);
}
