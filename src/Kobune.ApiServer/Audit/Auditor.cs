using System.Buffers;
using System.Text;
using Kobune.ApiServer.Requests;
using Microsoft.Extensions.Logging;

namespace Kobune.ApiServer.Audit;

/// <summary>Encodes events once for each backend and hands them over as its mode says.</summary>
internal sealed partial class Auditor : IAsyncDisposable
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _scratch;

    private readonly List<Target> _targets = [];
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public Auditor(AuditOptions options, IEnumerable<(IAuditBackend Backend, AuditModeOptions Mode)> backends, TimeProvider time, ILogger<Auditor> logger)
    {
        (_time, _logger) = (time, logger);
        Policy = options.PolicyFile is { } file ? AuditPolicy.Load(file) : options.Policy;
        if (ReferenceEquals(Policy, AuditPolicy.None))
        {
            LogNoPolicy();
        }

        foreach (var (backend, mode) in backends)
        {
            void Lost(int count, Exception? e)
            {
                Metrics.Lost(backend.Name, count);
                LogLost(backend.Name, count, e?.Message ?? "the buffer is full");
            }

            _targets.Add(new(backend, mode, mode.Mode == "batch" ? new AuditBatches(mode, backend, time, Lost) : null, Lost));
        }
    }

    public AuditPolicy Policy { get; }

    public AuditMetrics Metrics { get; } = new();

    /// <summary>The backends that options ask for; none when nothing is to be audited.</summary>
    public static Auditor? Of(ApiServerOptions options)
    {
        var audit = options.Audit;
        var backends = new List<(IAuditBackend, AuditModeOptions)>();
        if (audit.Log is { Path.Length: > 0 } log)
        {
            backends.Add((new AuditLogFile(log, options.Time), log.Mode));
        }

        if (audit.Webhook is { ConfigFile.Length: > 0 } webhook)
        {
            backends.Add((new AuditWebhook(webhook, options.Time), webhook.Mode));
        }

        return backends.Count == 0 ? null : new(audit, backends, options.Time, options.Loggers.CreateLogger<Auditor>());
    }

    /// <summary>Begins a record; null when the policy leaves the request out.</summary>
    public AuditRecord? Begin(ApiCall call)
    {
        var decision = Policy.Evaluate(call.User, call.Info);
        Metrics.Level(decision.Level);
        return decision.Level == AuditLevel.None ? null : new(call, decision, call.AuditId ??= Guid.NewGuid().ToString(), _time.GetUtcNow());
    }

    /// <summary>Tells of a stage. False when a backend that must not lose it has lost it.</summary>
    public async ValueTask<bool> TellAsync(AuditRecord record, AuditStage stage, int code, CancellationToken ct)
    {
        if (record.Decision.Omits(stage))
        {
            return true;
        }

        Metrics.Event();
        var now = _time.GetUtcNow();
        var isKept = true;
        foreach (var target in _targets)
        {
            if (Encode(record, stage, code, now, target) is not { } bytes)
            {
                target.Lost(1, null);
                continue;
            }

            if (target.Batches is { } batches)
            {
                batches.Add(bytes);
                continue;
            }

            try
            {
                await target.Backend.WriteAsync([bytes], ct);
            }
            catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
            {
                target.Lost(1, e);
                isKept &= target.Mode.Mode != "blocking-strict";
            }
        }

        return isKept;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var target in _targets)
        {
            if (target.Batches is { } batches)
            {
                await batches.DisposeAsync();
            }

            await target.Backend.DisposeAsync();
        }
    }

    private static byte[]? Encode(AuditRecord record, AuditStage stage, int code, DateTimeOffset now, Target target)
    {
        if (target.Backend.IsLegacy)
        {
            return Encoding.UTF8.GetBytes(AuditEventWriter.Legacy(record, stage, code));
        }

        var buffer = _scratch ??= new(2048);
        buffer.ResetWrittenCount();
        AuditEventWriter.Write(buffer, record, stage, code, now);
        if (target.Mode.Truncates && buffer.WrittenCount > target.Mode.MaxEventSize)
        {
            buffer.ResetWrittenCount();
            AuditEventWriter.Write(buffer, record, stage, code, now, isTruncated: true);
            if (buffer.WrittenCount > target.Mode.MaxEventSize)
            {
                return null;
            }
        }

        var bytes = buffer.WrittenSpan.ToArray();
        if (buffer.Capacity > 1024 * 1024)
        {
            _scratch = null; // one large answer must not stay in memory
        }

        return bytes;
    }

    [LoggerMessage(LogLevel.Warning, "No audit policy file provided, no events will be recorded")]
    private partial void LogNoPolicy();

    [LoggerMessage(LogLevel.Error, "Audit backend {Backend} lost {Count} events: {Reason}")]
    private partial void LogLost(string backend, int count, string reason);

    private sealed record Target(IAuditBackend Backend, AuditModeOptions Mode, AuditBatches? Batches, Action<int, Exception?> Lost);
}
