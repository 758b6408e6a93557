using System.Text;
using Kobune.Api.Clocks;
using Kobune.Api.FlowControl.V1;
using Kobune.Api.Json;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Fairness;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Watch;
using Microsoft.Extensions.Logging;

namespace Kobune.ApiServer.Loops;

/// <summary>
/// Makes priority and fairness follow its objects, lets levels lend and borrow seats every 10 s, and writes into each FlowSchema whether its priority level exists (condition Dangling).
/// Source: k8s.io/apiserver, util/flowcontrol (apf_controller.go).
/// </summary>
internal sealed partial class FlowControlConfiguration(ServerContext server, FlowControl flows, InProcessEndpoint endpoint, ILogger logger)
{
    private const string Group = "flowcontrol.apiserver.k8s.io";
    private const string Manager = "api-priority-and-fairness-config-consumer-v1";
    private const int MostWritesPerMinute = 6;
    private static readonly TimeSpan AdjustmentPeriod = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(45);

    private readonly UserInfo _user = UserInfo.Of("system:apiserver", UserNames.Masters);
    private readonly List<(string Name, DateTimeOffset At)> _writes = [];

    public Task RunAsync(CancellationToken ct) =>
        server.Registry.FindStored(Group, "flowschemas") is { } schemas && server.Registry.FindStored(Group, "prioritylevelconfigurations") is { } levels
            ? Task.WhenAll(FollowAsync(schemas, levels, ct), AdjustAsync(ct))
            : AdjustAsync(ct);

    private async Task AdjustAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(AdjustmentPeriod, server.Time);
        while (await timer.WaitForNextTickAsync(ct))
        {
            flows.AdjustLimits();
        }
    }

    private async Task FollowAsync(StoredKind schemas, StoredKind levels, CancellationToken ct)
    {
        var wake = new WakeSignal(server.Time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Task[] followed = [CacheFollower.RunAsync(schemas.Cache, wake, stop.Token), CacheFollower.RunAsync(levels.Cache, wake, stop.Token)];
        try
        {
            while (true)
            {
                await wake.WaitAsync(await SyncAsync(schemas, levels, ct) ? null : Pause, ct);
            }
        }
        finally
        {
            await stop.CancelHereAsync();
            await Task.WhenAll(followed).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>False when a condition has to wait, because it was written too often.</summary>
    private async Task<bool> SyncAsync(StoredKind schemas, StoredKind levels, CancellationToken ct)
    {
        FlowSchema[] allSchemas = [.. schemas.Cache.State.Index.Range("/").Select(e => e.Read<FlowSchema>())];
        PriorityLevelConfiguration[] allLevels = [.. levels.Cache.State.Index.Range("/").Select(e => e.Read<PriorityLevelConfiguration>())];
        flows.Configure(allLevels, allSchemas);
        var now = server.Time.GetUtcNow();
        _writes.RemoveAll(w => now - w.At > TimeSpan.FromMinutes(1));
        var isDone = true;
        var writes = new List<Task>();
        foreach (var schema in allSchemas)
        {
            var wanted = Dangling(schema, allLevels.Any(l => l.Metadata.Name == schema.Spec.PriorityLevelConfiguration.Name));
            var have = schema.Status.Conditions.FirstOrDefault(c => c.Type == wanted.Type);
            if (have is not null && (have.Status, have.Reason, have.Message) == (wanted.Status, wanted.Reason, wanted.Message))
            {
                continue;
            }

            if (_writes.Count(w => w.Name == schema.Metadata.Name) >= MostWritesPerMinute)
            {
                isDone = false; // somebody writes against us
                continue;
            }

            _writes.Add((schema.Metadata.Name, now));
            writes.Add(WriteAsync(schema, wanted with { LastTransitionTime = now }, ct));
        }

        await Task.WhenAll(writes);
        return isDone;
    }

    private static FlowSchemaCondition Dangling(FlowSchema schema, bool exists)
    {
        var level = schema.Spec.PriorityLevelConfiguration.Name;
        return exists
            ? new() { Type = "Dangling", Status = "False", Reason = "Found", Message = $"This FlowSchema references the PriorityLevelConfiguration object named \"{level}\" and it exists" }
            : new() { Type = "Dangling", Status = "True", Reason = "NotFound", Message = $"This FlowSchema references the PriorityLevelConfiguration object named \"{level}\" but there is no such object" };
    }

    private async Task WriteAsync(FlowSchema schema, FlowSchemaCondition condition, CancellationToken ct)
    {
        var name = schema.Metadata.Name;
        var body = $$$"""{"apiVersion":"{{{Group}}}/v1","kind":"FlowSchema","metadata":{"name":"{{{name}}}","uid":"{{{schema.Metadata.Uid}}}"},"status":{"conditions":[{{{Encoding.UTF8.GetString(JsonText.Bytes(condition))}}}]} }""";
        var request = new InProcessRequest(
            _user, "PATCH", $"/apis/{Group}/v1/flowschemas/{name}/status?fieldManager={Manager}&force=true", Encoding.UTF8.GetBytes(body), "application/apply-patch+yaml", "kube-apiserver");
        var answer = await endpoint.SendAsync(request, ct);
        if (answer.StatusCode is >= 400 and not (404 or 409))
        {
            LogRefused(name, Encoding.UTF8.GetString(answer.Body.Json.Span));
        }
    }

    [LoggerMessage(LogLevel.Warning, "The status of FlowSchema {Name} was refused: {Status}")]
    private partial void LogRefused(string name, string status);
}
