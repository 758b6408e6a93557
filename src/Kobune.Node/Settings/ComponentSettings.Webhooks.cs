using Kobune.ApiServer.Webhooks;

namespace Kobune.Node.Settings;

public sealed partial class ComponentSettings
{
    /// <summary>Who is asked about tokens. The file is of the node, and is read when the server starts.</summary>
    private ReviewWebhookOptions TokenWebhook(ReviewWebhookOptions webhook) => webhook with
    {
        ConfigFile = Text("apiserver.authentication-token-webhook-config-file") ?? webhook.ConfigFile,
        Version = Text("apiserver.authentication-token-webhook-version") ?? webhook.Version,
        CacheTime = Duration("apiserver.authentication-token-webhook-cache-ttl") ?? webhook.CacheTime,
    };

    /// <summary>A file of authorizers. It is of the node, and is read when the server starts and when it has changed.</summary>
    /// <exception cref="FormatException">The modes are given by flags too.</exception>
    private string? AuthorizationConfig() => FileInsteadOf(
        k => k == "apiserver.authorization-mode" || k.StartsWith("apiserver.authorization-webhook-", StringComparison.Ordinal),
        "apiserver.authorization-config",
        file => $"--authorization-config can not be specified when --authorization-mode or --authorization-webhook-* flags are specified ({file})");

    /// <summary>Who is asked whether somebody may.</summary>
    private ReviewWebhookOptions AuthorizationWebhook(ReviewWebhookOptions webhook) => webhook with
    {
        ConfigFile = Text("apiserver.authorization-webhook-config-file") ?? webhook.ConfigFile,
        Version = Text("apiserver.authorization-webhook-version") ?? webhook.Version,
        CacheTime = Duration("apiserver.authorization-webhook-cache-authorized-ttl") ?? webhook.CacheTime,
        RefusalCacheTime = Duration("apiserver.authorization-webhook-cache-unauthorized-ttl") ?? webhook.RefusalCacheTime,
    };
}
