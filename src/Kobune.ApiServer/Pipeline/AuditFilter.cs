using Kobune.ApiServer.Audit;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Requests;
using Microsoft.AspNetCore.Http;

namespace Kobune.ApiServer.Pipeline;

/// <summary>Tells the audit backends of every request that the policy means: when it comes, when a long one begins to answer, and when the answer is written. Source: k8s.io/apiserver, endpoints/filters/audit.go.</summary>
internal sealed class AuditFilter(Auditor auditor) : IApiFilter
{
    public async ValueTask<ApiResult> InvokeAsync(ApiCall call, ApiHandler next, CancellationToken ct)
    {
        if (auditor.Begin(call) is not { } record)
        {
            return await next(call, ct);
        }

        call.Audit = record;
        if (!await auditor.TellAsync(record, AuditStage.RequestReceived, 0, ct))
        {
            auditor.Metrics.Rejected();
            throw StatusErrors.InternalError("failed to store audit event");
        }

        var isLong = FairnessFilter.IsLongRunning(call.Info);
        if (isLong && call.Http is { } http)
        {
            http.Response.OnStarting(() => auditor.TellAsync(record, AuditStage.ResponseStarted, http.Response.StatusCode, CancellationToken.None).AsTask());
        }

        try
        {
            var result = record.Result = await next(call, ct);
            call.OnFinished(() => Complete(record, CodeOf(record)));
            if (isLong && call.Http is null)
            {
                await auditor.TellAsync(record, AuditStage.ResponseStarted, result.StatusCode, ct);
            }

            return result;
        }
        catch (StatusException e)
        {
            record.Refusal = e.Status;
            call.OnFinished(() => Complete(record, e.Code));
            throw;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            record.Refusal = new() { StatusValue = "Success", Message = "Connection closed early", Code = 200 };
            Complete(record, 200);
            throw;
        }
        catch (Exception e) when (e is BadHttpRequestException or System.Text.Json.JsonException)
        {
            record.Refusal = new() { StatusValue = "Failure", Reason = "BadRequest", Message = e.Message, Code = 400 };
            Complete(record, 400);
            throw;
        }
        catch (Exception e)
        {
            record.Refusal = new() { StatusValue = "Failure", Reason = "InternalError", Message = $"APIServer panic'd: {e.Message}", Code = 500 };
            await auditor.TellAsync(record, AuditStage.Panic, 500, CancellationToken.None);
            throw;
        }
    }

    /// <summary>Whose credential is refused is told too.</summary>
    public void Unauthenticated(ApiCall call, StatusException refusal)
    {
        if (auditor.Begin(call) is { } record)
        {
            record.Refusal = refusal.Status with { Message = "Authentication failed" + Attempted(call) };
            call.OnFinished(() => Tell(record, AuditStage.ResponseStarted, refusal.Code));
        }
    }

    private static string Attempted(ApiCall call) => call.Header("Authorization") is { Length: > 0 } header
        ? $", attempted: {(header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? "bearer" : header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) ? "basic" : "unknown")}"
        : call.Http?.Connection.ClientCertificate is not null ? ", attempted: x509" : "";

    /// <summary>What was really sent: the writer may have refused a form, or answered 304.</summary>
    private static int CodeOf(AuditRecord record) =>
        record.Call.Http is { Response: { HasStarted: true, StatusCode: var sent } } ? sent : record.Result!.StatusCode == 0 ? 200 : record.Result.StatusCode;

    private void Complete(AuditRecord record, int code) => Tell(record, AuditStage.ResponseComplete, code);

    /// <summary>The answer is out: nobody waits for a slow backend any more.</summary>
    private void Tell(AuditRecord record, AuditStage stage, int code) => _ = auditor.TellAsync(record, stage, code, CancellationToken.None).AsTask();
}
