using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Admission.Configuration;
using Kobune.ApiServer.Codec;
using Kobune.ApiServer.Configuration;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Webhooks;

/// <summary>How the server shows who it is to one webhook.</summary>
/// <param name="Authorization">The header; null for none.</param>
/// <param name="Certificate">PEM of a client certificate; empty for none.</param>
/// <param name="Key">Its key.</param>
internal sealed record WebhookCredential(AuthenticationHeaderValue? Authorization, string Certificate, string Key);

/// <summary>
/// The users of a kubeconfig file, named by the addresses of admission webhooks: "name.namespace.svc", "host:8443", "*.example.com", "*". The user of the current context is everyone else's.
/// Source: k8s.io/apiserver, util/webhook/authentication.go.
/// </summary>
internal sealed class WebhookCredentials
{
    private const string DefaultPort = ":443";
    private readonly IReadOnlyDictionary<string, WebhookCredential> _users;
    private readonly string _current;

    private WebhookCredentials(IReadOnlyDictionary<string, WebhookCredential> users, string current) => (_users, _current) = (users, current);

    /// <summary>Of a WebhookAdmissionConfiguration; null where there is none.</summary>
    /// <exception cref="FormatException">What is wrong with it or with the file that it names.</exception>
    public static WebhookCredentials? Of(JsonObject? root)
    {
        if (root is null)
        {
            return null;
        }

        PluginObject.Expect(root, "apiserver.config.k8s.io/v1 WebhookAdmissionConfiguration", "apiserver.config.k8s.io/v1alpha1 WebhookAdmission");
        var file = root.Text("kubeConfigFile");
        if (!Path.IsPathRooted(file))
        {
            var errors = new FieldErrors();
            errors.Invalid("kubeConfigFile", file, "must be an absolute file path");
            ConfigurationObject.Throw(errors);
        }

        try
        {
            var config = YamlObject.Read(File.ReadAllText(file));
            var users = config.Items("users").ToDictionary(u => u.Text("name"), u => Credential(u.Child("user"), Path.GetDirectoryName(file)!), StringComparer.Ordinal);
            var context = config.Items("contexts").FirstOrDefault(c => c.Text("name") == config.Text("current-context"))?.Child("context");
            return new(users, context.Text("user"));
        }
        catch (Exception e) when (e is FormatException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"{file}: {e.Message}", e);
        }
    }

    /// <summary>What a webhook is shown; null for nothing.</summary>
    public WebhookCredential? For(WebhookAddress address)
    {
        var target = address.Service is { } service ? $"{service.ServerName}:{service.Port}" : new Uri(address.Url!) is var url && url.IsDefaultPort ? url.Host + DefaultPort : url.Authority;
        return Named(target) ?? (target.EndsWith(DefaultPort, StringComparison.Ordinal) ? Named(target[..^DefaultPort.Length]) : null) ?? _users.GetValueOrDefault("*") ?? _users.GetValueOrDefault(_current);
    }

    private WebhookCredential? Named(string target)
    {
        if (_users.TryGetValue(target, out var exact))
        {
            return exact;
        }

        for (var dot = target.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = target.IndexOf('.', dot + 1))
        {
            if (_users.TryGetValue("*" + target[dot..], out var named))
            {
                return named;
            }
        }

        return null;
    }

    private static WebhookCredential Credential(JsonObject? user, string folder) => new(
        KubeconfigClient.Authorization(user, folder), KubeconfigClient.Content(user, "client-certificate", folder) ?? "", KubeconfigClient.Content(user, "client-key", folder) ?? "");
}
