using System.Globalization;
using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Scheduler.Metrics;
using Microsoft.Extensions.Logging;

namespace Kobune.Scheduler;

/// <summary>Writes why a pod has no node into its status: condition PodScheduled, and the nominated node.</summary>
internal sealed partial class PodConditionWriter(IClient client, CallMetrics calls, TimeProvider time, ILogger logger)
{
    public const string Unschedulable = "Unschedulable";

    public const string SchedulerError = "SchedulerError";

    /// <summary>The patch, null when the pod says so already.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="reason">Unschedulable or SchedulerError.</param>
    /// <param name="message">The sentence.</param>
    /// <param name="nominatedNodeName">Null leaves the one that is there.</param>
    /// <param name="isOther">It was told something else last, whatever the pod says: that may not have come from the server yet.</param>
    /// <param name="now">Time of the transition, if it is one.</param>
    public static JsonObject? Patch(Pod pod, string reason, string message, string? nominatedNodeName, bool isOther, DateTimeOffset now)
    {
        var status = new JsonObject();
        var old = pod.Status.Conditions.FirstOrDefault(condition => condition.Type == PodConditionType.PodScheduled);
        if (isOther || old is null || old.Status != ConditionStatus.False || old.Reason != reason || old.Message != message)
        {
            var since = old?.Status == ConditionStatus.False ? old.LastTransitionTime ?? now : now;
            status["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = PodConditionType.PodScheduled,
                ["observedGeneration"] = pod.Metadata.Generation,
                ["status"] = ConditionStatus.False,
                ["lastProbeTime"] = null,
                ["lastTransitionTime"] = since.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                ["reason"] = reason,
                ["message"] = message,
            });
        }

        if (nominatedNodeName is not null && (isOther || nominatedNodeName != pod.Status.NominatedNodeName))
        {
            status["nominatedNodeName"] = nominatedNodeName.Length == 0 ? null : nominatedNodeName;
        }

        return status.Count == 0 ? null : new JsonObject { ["status"] = status };
    }

    public async Task WriteAsync(Pod pod, string reason, string message, string? nominatedNodeName, bool isOther, CancellationToken ct)
    {
        if (Patch(pod, reason, message, nominatedNodeName, isOther, time.GetUtcNow()) is not { } patch)
        {
            return;
        }

        var (metadata, start, isDone) = (pod.Metadata, time.GetTimestamp(), false);
        try
        {
            await client.PatchAsync<Pod>(metadata.Namespace, metadata.Name, Kobune.Client.Patch.Strategic(patch), "status", ct);
            isDone = true;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Deleted meanwhile.
        }
        catch (Exception e) when (e is ApiException or HttpRequestException)
        {
            LogFailed(metadata.Namespace, metadata.Name, e.Message); // the next cycle writes it
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Stopping.
        }
        finally
        {
            calls.Called(CallMetrics.Condition, isDone, time.GetElapsedTime(start));
        }
    }

    [LoggerMessage(LogLevel.Warning, "The status of {Namespace}/{Name} could not be written: {Error}")]
    private partial void LogFailed(string @namespace, string name, string error);
}
