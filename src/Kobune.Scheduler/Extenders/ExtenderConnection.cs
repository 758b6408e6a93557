using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Api.Validation;
using Kobune.Client.Transport;

namespace Kobune.Scheduler.Extenders;

/// <summary>Sends one question to an extender and reads its answer. Failures are told in the words of Go's client.</summary>
internal sealed class ExtenderConnection : IDisposable
{
    private const long LongestAnswer = 256 << 20;

    // Go's decoder takes a field's name in any case, and extenders count on it.
    private static readonly JsonNodeOptions AnyCase = new() { PropertyNameCaseInsensitive = true };
    private readonly ExtenderOptions _options;
    private readonly X509Certificate2? _certificate;
    private readonly HttpClient _http;

    /// <exception cref="FormatException">Certificates that cannot be used.</exception>
    public ExtenderConnection(ExtenderOptions options)
    {
        _options = options;
        try
        {
            _certificate = options.Tls is { Certificate.IsGiven: true } tls ? X509Certificate2.CreateFromPem(tls.Certificate.Read(), tls.Key.IsGiven ? tls.Key.Read() : tls.Certificate.Read()) : null;
            _http = new HttpClient(new SocketsHttpHandler { SslOptions = ClientTls.Of(Security()), UseCookies = false, UseProxy = false, PooledConnectionIdleTimeout = TimeSpan.FromSeconds(90) })
            {
                Timeout = options.HttpTimeout,
                MaxResponseContentBufferSize = LongestAnswer,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or System.Security.Cryptography.CryptographicException)
        {
            throw new FormatException($"extender {options.UrlPrefix}: {e.Message}", e);
        }
    }

    /// <summary>Asks, and keeps the thread: the scheduling loop does nothing else meanwhile.</summary>
    /// <exception cref="ExtenderException">There is no answer that makes sense.</exception>
    public JsonNode Ask(string verb, byte[] question, CancellationToken ct)
    {
        var url = Url(verb);
        try
        {
            using var request = Request(url, question);
            using var response = _http.Send(request, ct);
            using var answer = response.Content.ReadAsStream(ct);
            return Read(response, verb, url, answer);
        }
        catch (Exception e) when (Describe(e, url, ct) is { } problem)
        {
            throw new ExtenderException(problem);
        }
    }

    /// <summary>The same beside the loop.</summary>
    /// <exception cref="ExtenderException">There is no answer that makes sense.</exception>
    public async Task<JsonNode> AskAsync(string verb, byte[] question, CancellationToken ct)
    {
        var url = Url(verb);
        try
        {
            using var request = Request(url, question);
            using var response = await _http.SendAsync(request, ct);
            await using var answer = await response.Content.ReadAsStreamAsync(ct);
            return Read(response, verb, url, answer);
        }
        catch (Exception e) when (Describe(e, url, ct) is { } problem)
        {
            throw new ExtenderException(problem);
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _certificate?.Dispose();
    }

    private static HttpRequestMessage Request(string url, byte[] question)
    {
        var content = new ByteArrayContent(question);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return new HttpRequestMessage(HttpMethod.Post, url) { Content = content };
    }

    private static JsonNode Read(HttpResponseMessage response, string verb, string url, Stream answer) => response.StatusCode == HttpStatusCode.OK
        ? JsonNode.Parse(answer, AnyCase) ?? new JsonObject()
        : throw new ExtenderException($"failed {verb} with extender at URL {url}, code {(int)response.StatusCode}");

    /// <summary>Null for what is not the extender's doing.</summary>
    private static string? Describe(Exception e, string url, CancellationToken ct) => e switch
    {
        JsonException => $"invalid answer of {url}: {e.Message}",
        OperationCanceledException when !ct.IsCancellationRequested => Post(url, "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"),
        HttpRequestException { InnerException: AuthenticationException refused } => Post(url, refused.Message),
        HttpRequestException { InnerException: { } inner } => Post(url, inner.Message),
        HttpRequestException or UriFormatException or InvalidOperationException or NotSupportedException => Post(url, e.Message),
        _ => null,
    };

    private static string Post(string url, string problem) => $"Post {GoQuote.Of(url)}: {problem}";

    private string Url(string verb) => $"{_options.UrlPrefix.TrimEnd('/')}/{verb}";

    private HttpsTransportOptions Security()
    {
        var tls = _options.Tls ?? new();
        var authorities = new X509Certificate2Collection();
        if (tls.Authorities.IsGiven)
        {
            if (tls.Insecure)
            {
                throw new FormatException($"extender {_options.UrlPrefix}: specifying a root certificates file with the insecure flag is not allowed");
            }

            authorities.ImportFromPem(tls.Authorities.Read());
        }

        return new()
        {
            Server = new Uri("https://extender"),
            Authorities = authorities,
            SkipVerification = tls.Insecure || (_options.EnableHttps && !tls.Authorities.IsGiven),
            ServerName = tls.ServerName.Length > 0 ? tls.ServerName : null,
            ClientCertificate = _certificate is null ? null : () => _certificate,
        };
    }
}
