namespace Kobune.ApiServer.Audit;

/// <summary>Whether and where requests are audited. Without a policy nothing is, nor without a log and a webhook.</summary>
public sealed record AuditOptions
{
    /// <summary>What is told of whom; a file goes before it.</summary>
    public AuditPolicy Policy { get; init; } = AuditPolicy.None;

    /// <summary>The file with the policy, read when the server is put together; null for <see cref="Policy"/> (--audit-policy-file).</summary>
    public string? PolicyFile { get; init; }

    /// <summary>The log.</summary>
    public AuditLogOptions Log { get; init; } = new();

    /// <summary>The webhook.</summary>
    public AuditWebhookOptions Webhook { get; init; } = new();
}

/// <summary>The audit log (--audit-log-*).</summary>
public sealed record AuditLogOptions
{
    /// <summary>The file; "-" is standard output, and empty is no log.</summary>
    public string Path { get; init; } = "";

    /// <summary>One JSON object a line, or the one-line form of the first releases.</summary>
    public bool IsLegacy { get; init; }

    /// <summary>Megabytes after which the file is rotated; 0 = 100.</summary>
    public int MaxSize { get; init; }

    /// <summary>Days after which a rotated file is deleted; 0 = never.</summary>
    public int MaxAge { get; init; }

    /// <summary>How many rotated files are kept; 0 = all.</summary>
    public int MaxBackups { get; init; }

    /// <summary>Whether rotated files are compressed.</summary>
    public bool Compress { get; init; }

    /// <summary>How events are handed over.</summary>
    public AuditModeOptions Mode { get; init; } = new() { BatchSize = 1 };
}

/// <summary>The audit webhook (--audit-webhook-*).</summary>
public sealed record AuditWebhookOptions
{
    /// <summary>The kubeconfig file with server, authorities and credential; empty is no webhook.</summary>
    public string ConfigFile { get; init; } = "";

    /// <summary>The wait after a first failure (--audit-webhook-initial-backoff).</summary>
    public TimeSpan InitialBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How events are handed over.</summary>
    public AuditModeOptions Mode { get; init; } = new() { Mode = "batch", BatchSize = 400, MaxWait = TimeSpan.FromSeconds(30), Throttles = true };
}

/// <summary>How events go to a backend.</summary>
public sealed record AuditModeOptions
{
    /// <summary>blocking: a request waits for its events; blocking-strict: one whose first event is lost is refused; batch: nobody waits.</summary>
    public string Mode { get; init; } = "blocking";

    /// <summary>How many events may wait in batch mode; further ones are lost.</summary>
    public int BufferSize { get; init; } = 10_000;

    /// <summary>The most events of a batch.</summary>
    public int BatchSize { get; init; } = 400;

    /// <summary>How long a batch that is not full waits for more.</summary>
    public TimeSpan MaxWait { get; init; }

    /// <summary>Whether batches keep to the rate.</summary>
    public bool Throttles { get; init; }

    /// <summary>Batches a second.</summary>
    public double Rate { get; init; } = 10;

    /// <summary>Batches at once before the rate bounds them.</summary>
    public int Burst { get; init; } = 15;

    /// <summary>Whether larger events lose their objects.</summary>
    public bool Truncates { get; init; }

    /// <summary>The most bytes of an event.</summary>
    public int MaxEventSize { get; init; } = 102_400;

    /// <summary>The most bytes of a batch.</summary>
    public int MaxBatchSize { get; init; } = 10 * 1024 * 1024;
}
