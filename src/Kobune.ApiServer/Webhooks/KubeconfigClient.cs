using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api.Schema;
using Kobune.ApiServer.Certificates;
using Kobune.ApiServer.Codec;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Webhooks;

/// <summary>The server that a kubeconfig file's current context names, reached with its credential: how upstream's flags describe webhooks. One connection pool; safe for concurrent callers.</summary>
internal sealed class KubeconfigClient : IDisposable
{
    private readonly HttpClient _http;

    private readonly Func<AuthenticationHeaderValue?>? _credential;

    /// <param name="http">Connections; they end with this object.</param>
    /// <param name="server">Where documents are posted to.</param>
    /// <param name="credential">The header of one request, when it is not always the same.</param>
    public KubeconfigClient(HttpClient http, Uri server, Func<AuthenticationHeaderValue?>? credential = null) => (_http, Server, _credential) = (http, server, credential);

    /// <summary>Where documents are posted to.</summary>
    public Uri Server { get; }

    /// <summary>Reads the file; others that it names are relative to it.</summary>
    /// <exception cref="FormatException">The file, and what is wrong with it.</exception>
    public static KubeconfigClient Load(string file)
    {
        try
        {
            var root = ObjectReader.ReadAny(ObjectReader.Parse(YamlToJson.Convert(Encoding.UTF8.GetBytes(File.ReadAllText(file)), null))) as JsonObject;
            var context = Named(root, "contexts", root.Text("current-context")).Child("context") ?? throw new FormatException("no current context");
            var cluster = Named(root, "clusters", context.Text("cluster")).Child("cluster") ?? throw new FormatException($"no cluster \"{context.Text("cluster")}\"");
            var user = Named(root, "users", context.Text("user")).Child("user");
            var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
            if (!Uri.TryCreate(cluster.Text("server"), UriKind.Absolute, out var server))
            {
                throw new FormatException($"server \"{cluster.Text("server")}\" is no URL");
            }

            var http = new HttpClient(HandlerOf(cluster, user, folder)) { Timeout = Timeout.InfiniteTimeSpan };
            http.DefaultRequestHeaders.Authorization = Authorization(user, folder);
            return new(http, server);
        }
        catch (Exception e) when (e is FormatException or IOException or ObjectDecodeException or System.Security.Cryptography.CryptographicException)
        {
            throw new FormatException($"{file}: {e.Message}");
        }
    }

    /// <summary>Posts a JSON document; the answer is the caller's.</summary>
    public async Task<HttpResponseMessage> PostAsync(ReadOnlyMemory<byte> json, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Server) { Content = new ReadOnlyMemoryContent(json), VersionPolicy = HttpVersionPolicy.RequestVersionOrHigher };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.UserAgent.ParseAdd("kube-apiserver");
        request.Headers.Authorization = _credential?.Invoke();
        return await _http.SendAsync(request, ct);
    }

    public void Dispose() => _http.Dispose();

    private static JsonObject? Named(JsonObject? root, string list, string name) => root.Items(list).FirstOrDefault(i => i.Text("name") == name);

    private static SocketsHttpHandler HandlerOf(JsonObject cluster, JsonObject? user, string folder)
    {
        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(30) };
        if (cluster.Text("tls-server-name") is { Length: > 0 } name)
        {
            handler.SslOptions.TargetHost = name;
        }

        if (cluster.Flag("insecure-skip-tls-verify") == true)
        {
#pragma warning disable CA5359 // the file asks for it
            handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (Content(cluster, "certificate-authority", folder) is { } authority)
        {
            handler.SslOptions.CertificateChainPolicy = TrustedRoots.Policy(authority);
        }

        if (Content(user, "client-certificate", folder) is { } certificate && Content(user, "client-key", folder) is { } key)
        {
            handler.SslOptions.ClientCertificates = [X509Certificate2.CreateFromPem(certificate, key)];
        }

        return handler;
    }

    /// <summary>The header of a user: its token, or its name and password.</summary>
    internal static AuthenticationHeaderValue? Authorization(JsonObject? user, string folder)
    {
        var token = user.Text("tokenFile") is { Length: > 0 } file ? File.ReadAllText(Path.Combine(folder, file)).Trim() : user.Text("token");
        return token.Length > 0 ? new("Bearer", token)
            : user.Text("username") is { Length: > 0 } name ? new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{user.Text("password")}")))
            : null;
    }

    /// <summary>What stands in the file itself ("-data"), or in one that it names.</summary>
    internal static string? Content(JsonObject? node, string key, string folder) =>
        node.Text(key + "-data") is { Length: > 0 } data ? Encoding.UTF8.GetString(Convert.FromBase64String(data))
        : node.Text(key) is { Length: > 0 } path ? File.ReadAllText(Path.Combine(folder, path))
        : null;
}
