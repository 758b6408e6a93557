using System.Globalization;
using System.Text;
using Kobune.ApiServer.Fairness;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Handlers;

/// <summary>/debug/api_priority_and_fairness: the levels, the queues and the requests that wait, as tables. Source: k8s.io/apiserver, util/flowcontrol (apf_controller_debug.go).</summary>
internal sealed class FairnessDumpEndpoint(FlowControl flows) : IPathEndpoint
{
    private const string Prefix = "/debug/api_priority_and_fairness/";
    private static readonly string[] RequestColumns =
        ["PriorityLevelName", "FlowSchemaName", "QueueIndex", "RequestIndexInQueue", "FlowDistingsher", "ArriveTime", "InitialSeats", "FinalSeats", "AdditionalLatency", "StartTime"];

    private static readonly string[] DetailColumns = ["UserName", "Verb", "APIPath", "Namespace", "Name", "APIVersion", "Resource", "SubResource"];

    public bool Serves(string path) => path is Prefix + "dump_priority_levels" or Prefix + "dump_queues" or Prefix + "dump_requests";

    public ValueTask<ApiResult> ServeAsync(ApiCall call, CancellationToken ct)
    {
        var rows = call.Path[Prefix.Length..] switch
        {
            "dump_priority_levels" => Levels(),
            "dump_queues" => Queues(),
            _ => Requests(call.Query.Get("includeRequestDetails").Length > 0),
        };
        return new(new BytesResult("text/plain; charset=utf-8", Encoding.UTF8.GetBytes(Table([.. rows]))));
    }

    private IEnumerable<string[]> Levels()
    {
        yield return ["PriorityLevelName", "ActiveQueues", "IsIdle", "IsQuiescing", "WaitingRequests", "ExecutingRequests", "DispatchedRequests", "RejectedRequests", "TimedoutRequests", "CancelledRequests"];
        foreach (var level in flows.Levels)
        {
            var totals = flows.Metrics.Totals(level.Name);
            yield return level.Inspect(queues => new[]
            {
                level.Name, Text(queues.Count(q => q.Waiting.Count > 0)), Text(level is { Waiting: 0, Executing: 0 }), Text(level.IsQuiescing), Text(level.Waiting), Text(level.Executing),
                Text(totals.Dispatched), Text(totals.Rejected), Text(totals.TimedOut), Text(totals.Cancelled),
            });
        }
    }

    private IEnumerable<string[]> Queues()
    {
        yield return ["PriorityLevelName", "Index", "PendingRequests", "ExecutingRequests", "SeatsInUse", "NextDispatchR", "InitialSeatsSum", "MaxSeatsSum", "TotalWorkSum"];
        foreach (var level in flows.Levels)
        {
            foreach (var row in level.Inspect(queues => queues.Select((q, i) => new[]
            {
                level.Name, Text(i), Text(q.Waiting.Count), Text(q.Executing), Text(q.SeatsInUse), SeatSeconds(q.NextDispatch),
                Text(q.Waiting.Sum(r => r.Estimate.InitialSeats)), Text(q.Waiting.Sum(r => r.Estimate.MaxSeats)), SeatSeconds(q.WorkWaiting),
            }).ToArray()))
            {
                yield return row;
            }
        }
    }

    private IEnumerable<string[]> Requests(bool withDetails)
    {
        yield return withDetails ? [.. RequestColumns, .. DetailColumns] : RequestColumns;
        foreach (var level in flows.Levels)
        {
            foreach (var row in level.Inspect(queues => queues.SelectMany((q, i) => q.Waiting.Select((r, j) => Row(r, i, j, withDetails))).ToArray()))
            {
                yield return row;
            }
        }
    }

    private static string[] Row(FlowRequest request, int queue, int place, bool withDetails)
    {
        string[] row =
        [
            request.Level.Name, request.Schema.Name, Text(queue), Text(place), request.Distinguisher,
            request.ArrivedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture),
            Text(request.Estimate.InitialSeats), Text(request.Estimate.FinalSeats), $"{request.Estimate.AdditionalLatency.TotalMilliseconds.ToString(CultureInfo.InvariantCulture)}ms",
            "0001-01-01T00:00:00Z", // it waits
        ];
        var info = request.Call.Info;
        return withDetails
            ? [.. row, request.Call.User!.Name, info.Verb, info.Path, info.Namespace, info.Name, info.ApiGroup.Length == 0 ? info.ApiVersion : $"{info.ApiGroup}/{info.ApiVersion}", info.Resource, info.Subresource]
            : row;
    }

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);

    private static string Text(bool value) => value ? "true" : "false";

    private static string SeatSeconds(double value) => value.ToString("0.00000000", CultureInfo.InvariantCulture) + "ss";

    /// <summary>Cells end with a comma and are padded to the widest of their column, as Go's tabwriter pads them.</summary>
    private static string Table(IReadOnlyList<string[]> rows)
    {
        const int LeastWidth = 8;
        var widths = Enumerable.Range(0, rows[0].Length).Select(c => Math.Max(LeastWidth, rows.Max(r => r[c].Length) + 2)).ToArray();
        var text = new StringBuilder();
        foreach (var row in rows)
        {
            for (var i = 0; i < row.Length - 1; i++)
            {
                text.Append((row[i] + ",").PadRight(widths[i]));
            }

            text.Append(row[^1]).Append('\n');
        }

        return text.ToString();
    }
}
