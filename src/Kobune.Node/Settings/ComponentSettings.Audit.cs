using Kobune.ApiServer.Audit;

namespace Kobune.Node.Settings;

public sealed partial class ComponentSettings
{
    /// <summary>What is audited. The files are of the node, and are read when the server starts.</summary>
    private AuditOptions Audit(AuditOptions defaults) => defaults with
    {
        PolicyFile = Text("apiserver.audit-policy-file") ?? defaults.PolicyFile,
        Log = Text("apiserver.audit-log-path") is { Length: > 0 } path ? AuditLog(new() { Path = path }) : defaults.Log,
        Webhook = Text("apiserver.audit-webhook-config-file") is { Length: > 0 } file ? AuditWebhook(new() { ConfigFile = file }) : defaults.Webhook,
    };

    private AuditLogOptions AuditLog(AuditLogOptions log) => log with
    {
        IsLegacy = Text("apiserver.audit-log-format") == "legacy",
        MaxSize = Number("apiserver.audit-log-maxsize") ?? log.MaxSize,
        MaxAge = Number("apiserver.audit-log-maxage") ?? log.MaxAge,
        MaxBackups = Number("apiserver.audit-log-maxbackup") ?? log.MaxBackups,
        Compress = Flag("apiserver.audit-log-compress") ?? log.Compress,
        Mode = AuditMode("apiserver.audit-log-", log.Mode),
    };

    private AuditWebhookOptions AuditWebhook(AuditWebhookOptions webhook) => webhook with
    {
        InitialBackoff = Duration("apiserver.audit-webhook-initial-backoff") ?? webhook.InitialBackoff,
        Mode = AuditMode("apiserver.audit-webhook-", webhook.Mode),
    };

    private AuditModeOptions AuditMode(string prefix, AuditModeOptions mode)
    {
        var isThrottled = Flag(prefix + "batch-throttle-enable") ?? mode.Rate > 0;
        var rate = Text(prefix + "batch-throttle-qps") is { } text ? SettingValues.Fraction(text) ?? 0 : mode.Rate > 0 ? mode.Rate : 10;
        return mode with
        {
            Mode = Text(prefix + "mode") ?? mode.Mode,
            BufferSize = Number(prefix + "batch-buffer-size") ?? mode.BufferSize,
            BatchSize = Number(prefix + "batch-max-size") ?? mode.BatchSize,
            MaxWait = Duration(prefix + "batch-max-wait") ?? mode.MaxWait,
            Rate = isThrottled ? rate : 0,
            Burst = Number(prefix + "batch-throttle-burst") ?? mode.Burst,
            Truncates = Flag(prefix + "truncate-enabled") ?? mode.Truncates,
            MaxEventSize = Number(prefix + "truncate-max-event-size") ?? mode.MaxEventSize,
            MaxBatchSize = Number(prefix + "truncate-max-batch-size") ?? mode.MaxBatchSize,
        };
    }
}
