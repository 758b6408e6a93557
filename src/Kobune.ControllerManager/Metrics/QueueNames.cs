namespace Kobune.ControllerManager.Metrics;

/// <summary>What upstream's controllers call their work queues, by the names of ours.</summary>
internal static class QueueNames
{
    private static readonly Dictionary<string, string> Known = new(StringComparer.Ordinal)
    {
        ["bootstrapsigner"] = "bootstrap_signer_queue",
        ["clustertrustbundle-publisher"] = "ca_cert_publisher_cluster_trust_bundles",
        ["clusterrole-aggregation"] = "ClusterRoleAggregator",
        ["endpoints"] = "endpoint",
        ["endpointslice"] = "endpoint_slice",
        ["endpointslice-mirroring"] = "endpoint_slice_mirroring",
        ["horizontalpodautoscaling"] = "horizontalpodautoscaler",
        ["node-ipam"] = "node",
        ["node-lifecycle"] = "node_lifecycle_controller",
        ["persistentvolume-binder"] = "claims",
        ["persistentvolume-protection"] = "pvprotection",
        ["persistentvolumeclaim-protection"] = "pvcprotection",
        ["resourcequota"] = "resourcequota_primary",
        ["root-ca-certificate-publisher"] = "root_ca_cert_publisher",
        ["service-lb"] = "service",
        ["serviceaccount-token"] = "serviceaccount_tokens_service",
        ["taint-eviction"] = "noexec_taint_node",
        ["tokencleaner"] = "token_cleaner",
        ["volumeattributesclass-protection"] = "vacprotection",
        ["ttl"] = "ttlcontroller",
        ["ttl-after-finished"] = "ttl_jobs_to_delete",
    };

    /// <summary>The name in the metrics.</summary>
    public static string Of(string controller) => Known.GetValueOrDefault(controller) ?? controller.Replace('-', '_');
}
