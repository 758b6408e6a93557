using System.Security.Cryptography.X509Certificates;
using System.Text;
using Kobune.Client.Transport;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Kobune.Client.Configuration;

/// <summary>A kubeconfig file: clusters, users and the contexts that pair them. Source: client-go, tools/clientcmd/api/v1.</summary>
public sealed class KubeConfig
{
    private readonly YamlMappingNode _root;
    private readonly string _folder;

    private KubeConfig(YamlMappingNode root, string folder)
    {
        _root = root;
        _folder = folder;
    }

    /// <summary>The context that is used when none is named.</summary>
    public string CurrentContext => Text(_root, "current-context") ?? "";

    /// <summary>Names of the contexts.</summary>
    public IReadOnlyList<string> Contexts => [.. Entries("contexts").Select(e => Text(e, "name") ?? "")];

    /// <summary>Reads a file; paths in it are relative to it.</summary>
    /// <exception cref="KubeConfigException">It is missing or no kubeconfig.</exception>
    public static KubeConfig Load(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path), Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KubeConfigException($"kubeconfig {path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads the text of a kubeconfig.</summary>
    /// <exception cref="KubeConfigException">It is no kubeconfig.</exception>
    public static KubeConfig Parse(string text, string folder = "/")
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents is [{ RootNode: YamlMappingNode root }, ..]
                ? new(root, folder)
                : throw new KubeConfigException("the kubeconfig is empty or no map");
        }
        catch (YamlException e)
        {
            throw new KubeConfigException($"the kubeconfig is not valid YAML (line {e.Start.Line}): {e.Message}", e);
        }
    }

    /// <summary>How to reach the cluster of a context; the current one when none is named.</summary>
    /// <exception cref="KubeConfigException">Something named is missing or not supported; the text says what.</exception>
    public HttpsTransportOptions Options(string? context = null, TimeProvider? time = null)
    {
        var name = string.IsNullOrEmpty(context) ? CurrentContext : context;
        if (name.Length == 0)
        {
            throw new KubeConfigException("the kubeconfig names no current-context");
        }

        var pair = Named("contexts", "context", name);
        var cluster = Named("clusters", "cluster", Text(pair, "cluster") ?? "");
        var user = Text(pair, "user") is { Length: > 0 } userName ? Named("users", "user", userName) : new YamlMappingNode();
        if (!Uri.TryCreate(Text(cluster, "server"), UriKind.Absolute, out var server))
        {
            throw new KubeConfigException($"context {name}: the cluster has no valid server address");
        }

        if (user.Children.ContainsKey("exec") || user.Children.ContainsKey("auth-provider"))
        {
            throw new KubeConfigException($"context {name}: exec and auth-provider credentials are not supported; use a certificate or a token");
        }

        return new()
        {
            Server = server,
            ServerName = Text(cluster, "tls-server-name"),
            SkipVerification = Text(cluster, "insecure-skip-tls-verify") == "true",
            Authorities = Authorities(cluster),
            ClientCertificate = Certificate(user),
            BearerToken = Token(user, time ?? TimeProvider.System),
        };
    }

    /// <summary>The namespace of a context, "default" when it names none.</summary>
    public string Namespace(string? context = null) =>
        Text(Named("contexts", "context", string.IsNullOrEmpty(context) ? CurrentContext : context), "namespace") ?? "default";

    private static string? Text(YamlMappingNode node, string key) =>
        node.Children.TryGetValue(key, out var value) && value is YamlScalarNode { Value: { } text } && text.Length > 0 ? text : null;

    private IEnumerable<YamlMappingNode> Entries(string list) =>
        _root.Children.TryGetValue(list, out var value) && value is YamlSequenceNode sequence ? sequence.Children.OfType<YamlMappingNode>() : [];

    private YamlMappingNode Named(string list, string field, string name) =>
        Entries(list).FirstOrDefault(e => Text(e, "name") == name) is { } entry && entry.Children.TryGetValue(field, out var value) && value is YamlMappingNode found
            ? found
            : throw new KubeConfigException($"the kubeconfig has no {field} named \"{name}\"");

    private X509Certificate2Collection Authorities(YamlMappingNode cluster)
    {
        var authorities = new X509Certificate2Collection();
        if (Pem(cluster, "certificate-authority") is { } pem)
        {
            authorities.ImportFromPem(pem);
        }

        return authorities;
    }

    private Func<X509Certificate2?>? Certificate(YamlMappingNode user)
    {
        if (Text(user, "client-certificate") is { } certificatePath && Text(user, "client-key") is { } keyPath && Text(user, "client-certificate-data") is null)
        {
            return new FileCertificate(Path.Combine(_folder, certificatePath), Path.Combine(_folder, keyPath)).Read;
        }

        if (Pem(user, "client-certificate") is not { } certificatePem || Pem(user, "client-key") is not { } keyPem)
        {
            return null;
        }

        var certificate = X509Certificate2.CreateFromPem(certificatePem, keyPem);
        return () => certificate;
    }

    private Func<string?>? Token(YamlMappingNode user, TimeProvider time)
    {
        if (Text(user, "tokenFile") is { } path)
        {
            return new FileToken(Path.Combine(_folder, path), time).Read;
        }

        return Text(user, "token") is { } token ? () => token : null;
    }

    /// <summary>The "-data" form in base64, or the file.</summary>
    private string? Pem(YamlMappingNode node, string key)
    {
        try
        {
            if (Text(node, key + "-data") is { } data)
            {
                return Encoding.UTF8.GetString(Convert.FromBase64String(data));
            }

            return Text(node, key) is { } path ? File.ReadAllText(Path.Combine(_folder, path)) : null;
        }
        catch (Exception e) when (e is IOException or FormatException or UnauthorizedAccessException)
        {
            throw new KubeConfigException($"{key} of the kubeconfig cannot be read: {e.Message}", e);
        }
    }
}

/// <summary>A kubeconfig that cannot be used; the message says what to mend.</summary>
public sealed class KubeConfigException(string message, Exception? inner = null) : Exception(message, inner);
