using System.Text.Json;
using Kobune.Cli.Output;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Clusters;

/// <summary>Waits until a cluster is what `start` promises: API answering, default service account, nodes Ready, DNS Service. Tells early when the node process cannot run.</summary>
internal sealed class ClusterWaiter(CommandContext context, ProfileConfig profile)
{
    private const int FatalRestarts = 4;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    public async Task RunAsync(WaitPlan plan, TimeSpan limit, CancellationToken ct)
    {
        using var api = context.Api(profile);
        var start = context.Time.GetTimestamp();
        if (plan.ApiServer)
        {
            if (!await api.IsListeningAsync(ct))
            {
                _ = Task.Run(api.WarmUp, ct);
                await UntilAsync("apiserver", async () => await api.IsListeningAsync(ct) ? null : "no answer", start, limit, ct);
            }

            await UntilAsync("apiserver", async () => (await api.ProbeAsync("/readyz", ct)) switch { 200 => null, { } code => $"/readyz answers {code}", null => "no answer" }, start, limit, ct);
        }

        if (plan.DefaultServiceAccount)
        {
            await UntilAsync("default_sa", () => ExistsAsync(api, "/api/v1/namespaces/default/serviceaccounts/default", ct), start, limit, ct);
        }

        if (plan.Dns)
        {
            await UntilAsync("dns", () => ExistsAsync(api, "/api/v1/namespaces/kube-system/services/kube-dns", ct), start, limit, ct);
        }

        if (plan.NodeReady)
        {
            await UntilAsync("node_ready", () => NodesAsync(api, ct), start, limit, ct);
        }
    }

    /// <summary>What is missing about a node, from its JSON; null when it is Ready.</summary>
    internal static string? ProblemOf(JsonElement? node)
    {
        if (node is not { } found)
        {
            return "not registered";
        }

        if (!found.TryGetProperty("status", out var status) || !status.TryGetProperty("conditions", out var conditions))
        {
            return "no conditions yet";
        }

        foreach (var condition in conditions.EnumerateArray())
        {
            if (condition.GetProperty("type").GetString() == "Ready")
            {
                return condition.GetProperty("status").GetString() == "True" ? null : condition.TryGetProperty("message", out var message) ? message.GetString() : "not Ready";
            }
        }

        return "no Ready condition yet";
    }

    private async Task<string?> NodesAsync(ClusterApi api, CancellationToken ct)
    {
        foreach (var node in profile.Nodes)
        {
            if (ProblemOf(await api.GetAsync("/api/v1/nodes/" + node.Name, ct)) is { } problem)
            {
                return $"{node.Name}: {problem}";
            }
        }

        return null;
    }

    private static async Task<string?> ExistsAsync(ClusterApi api, string path, CancellationToken ct) =>
        await api.GetAsync(path, ct) is null ? path + " is not there yet" : null;

    // The probe returns what is still missing, or null.
    private async Task UntilAsync(string what, Func<Task<string?>> probe, long start, TimeSpan limit, CancellationToken ct)
    {
        while (true)
        {
            string? missing;
            try
            {
                missing = await probe();
            }
            catch (Exception e) when (e is HttpRequestException or JsonException or IOException)
            {
                missing = e.Message;
            }

            if (missing is null)
            {
                return;
            }

            ThrowIfNodeProcessFails();
            var passed = context.Time.GetElapsedTime(start);
            if (passed > limit)
            {
                throw new CliException(Reason.ApiServerTimeout, Message.WaitTimedOut, what, (int)limit.TotalSeconds, missing) { Advice = (Message.DeleteAndStart, [profile.Name]) };
            }

            await Task.Delay(passed < TimeSpan.FromSeconds(10) ? Interval : Interval * 10, context.Time, ct);
        }
    }

    private void ThrowIfNodeProcessFails()
    {
        foreach (var node in profile.Nodes)
        {
            var log = Path.Combine(ClusterKeys.DataFolderOf(context.Home, node.Name), "logs", "node.log");
            var lines = TailOf(log);
            var ends = lines.Reverse().TakeWhile(l => !l.StartsWith("supervisor: machine starts", StringComparison.Ordinal)).Count(l => l.StartsWith("supervisor: node ended", StringComparison.Ordinal));
            if (ends >= FatalRestarts)
            {
                var last = lines.LastOrDefault(l => !l.StartsWith("supervisor:", StringComparison.Ordinal) && l.Trim().Length > 0) ?? "";
                throw new CliException(Reason.InstallFailed, Message.NodeProcessFails, node.Name, last.Trim()) { Advice = (Message.DeleteAndStart, [profile.Name]) };
            }
        }
    }

    private static string[] TailOf(string file)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            stream.Seek(-Math.Min(stream.Length, 65536), SeekOrigin.End);
            return new StreamReader(stream).ReadToEnd().Split('\n');
        }
        catch (IOException)
        {
            return [];
        }
    }
}
