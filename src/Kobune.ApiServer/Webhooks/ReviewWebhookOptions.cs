namespace Kobune.ApiServer.Webhooks;

/// <summary>A server that is asked who somebody is, or whether somebody may (--authentication-token-webhook-*, --authorization-webhook-*).</summary>
public sealed record ReviewWebhookOptions
{
    /// <summary>The kubeconfig file with server, authorities and credential; empty is no webhook.</summary>
    public string ConfigFile { get; init; } = "";

    /// <summary>Instead of a file: the API server of the cluster that this process is a pod of, with the pod's own token (connection type InClusterConfig).</summary>
    public bool IsInCluster { get; init; }

    /// <summary>The version of the review that is sent, "v1" or "v1beta1".</summary>
    public string Version { get; init; } = "v1beta1";

    /// <summary>How long an answer is kept; of authorization, one that allows.</summary>
    public TimeSpan CacheTime { get; init; }

    /// <summary>How long authorization's other answers are kept.</summary>
    public TimeSpan RefusalCacheTime { get; init; }

    /// <summary>How long one question may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The wait after a first failure.</summary>
    public TimeSpan InitialBackoff { get; init; } = TimeSpan.FromMilliseconds(500);
}
