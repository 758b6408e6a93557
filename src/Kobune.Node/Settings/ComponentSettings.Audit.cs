using Kobune.ApiServer.Audit;

namespace Kobune.Node.Settings;

public sealed partial class ComponentSettings
{
    /// <summary>What is audited. The files are of the node, and are read when the server starts.</summary>
    private AuditOptions Audit(AuditOptions defaults) => defaults with
    {
        PolicyFile = Text("apiserver.audit-policy-file") ?? defaults.PolicyFile,
        Log = AuditLog(defaults.Log),
        Webhook = AuditWebhook(defaults.Webhook),
    };

    private AuditLogOptions AuditLog(AuditLogOptions log) => log with
    {
        Path = Text("apiserver.audit-log-path") ?? log.Path,
        IsLegacy = Text("apiserver.audit-log-format") == "legacy",
        MaxSize = Number("apiserver.audit-log-maxsize") ?? log.MaxSize,
        MaxAge = Number("apiserver.audit-log-maxage") ?? log.MaxAge,
        MaxBackups = Number("apiserver.audit-log-maxbackup") ?? log.MaxBackups,
        Compress = Flag("apiserver.audit-log-compress") ?? log.Compress,
        Mode = AuditMode("apiserver.audit-log-", log.Mode),
    };

    private AuditWebhookOptions AuditWebhook(AuditWebhookOptions webhook) => webhook with
    {
        ConfigFile = Text("apiserver.audit-webhook-config-file") ?? webhook.ConfigFile,
        InitialBackoff = Duration("apiserver.audit-webhook-initial-backoff") ?? webhook.InitialBackoff,
        Mode = AuditMode("apiserver.audit-webhook-", webhook.Mode),
    };

    private AuditModeOptions AuditMode(string prefix, AuditModeOptions mode) => mode with
    {
        Mode = Text(prefix + "mode") ?? mode.Mode,
        BufferSize = Number(prefix + "batch-buffer-size") ?? mode.BufferSize,
        BatchSize = Number(prefix + "batch-max-size") ?? mode.BatchSize,
        MaxWait = Duration(prefix + "batch-max-wait") ?? mode.MaxWait,
        Throttles = Flag(prefix + "batch-throttle-enable") ?? mode.Throttles,
        Rate = Text(prefix + "batch-throttle-qps") is { } rate ? SettingValues.Fraction(rate) ?? mode.Rate : mode.Rate,
        Burst = Number(prefix + "batch-throttle-burst") ?? mode.Burst,
        Truncates = Flag(prefix + "truncate-enabled") ?? mode.Truncates,
        MaxEventSize = Number(prefix + "truncate-max-event-size") ?? mode.MaxEventSize,
        MaxBatchSize = Number(prefix + "truncate-max-batch-size") ?? mode.MaxBatchSize,
    };
}
