using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;

namespace Kobune.Bench.Api;

/// <summary>The load of one user: requests by several workers over HTTP/2, as client-go sends them.</summary>
internal sealed class Load(HttpClient client, ServerProcess server, Figures figures)
{
    /// <summary>CPU of one request, for those that are seen one by one.</summary>
    public const int EachUnit = 1;

    private const int Workers = 16;

    /// <summary>Sends a request per number and prints latency and the server's CPU per so many of them.</summary>
    public async Task MeasureAsync(string name, int count, Func<int, HttpRequestMessage> make, int unit = 1000)
    {
        var latencies = new double[count];
        var next = -1;
        var cpu = server.Cpu();
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, unit == EachUnit ? 1 : Workers).Select(async _ =>
        {
            int i;
            while ((i = Interlocked.Increment(ref next)) < count)
            {
                var start = Stopwatch.GetTimestamp();
                using var request = make(i);
                request.Version = HttpVersion.Version20;
                using var response = await client.SendAsync(request);
                var body = await response.Content.ReadAsByteArrayAsync();
                latencies[i] = response.IsSuccessStatusCode
                    ? Stopwatch.GetElapsedTime(start).TotalMilliseconds
                    : throw new InvalidOperationException($"{request.Method} {request.RequestUri}: {Encoding.UTF8.GetString(body)}");
            }
        }));
        var used = (server.Cpu() - cpu).TotalMilliseconds * unit / count;
        Array.Sort(latencies);
        var (p50, p99) = (latencies[count / 2], latencies[count * 99 / 100]);
        figures.Print(
            name,
            string.Create(CultureInfo.InvariantCulture, $"{count / clock.Elapsed.TotalSeconds,8:F0}/s   p50 {p50,7:F2} ms   p99 {p99,7:F2} ms   server CPU {used,7:F1} ms {(unit == EachUnit ? "each" : $"per {unit:N0}")}"),
            ("CPU ms", used),
            ("p50 ms", p50),
            ("p99 ms", p99));
    }

    /// <summary>Opens watches, writes some objects and prints how long each write takes to reach all of them.</summary>
    public async Task WatchAsync(int watchers, int writes)
    {
        using var stop = new CancellationTokenSource();
        var seen = new int[writes];
        var times = new long[writes];
        var done = Enumerable.Range(0, writes).Select(_ => new TaskCompletionSource<double>(TaskCreationOptions.RunContinuationsAsynchronously)).ToArray();
        using var open = new CountdownEvent(watchers);
        var version = await VersionAsync();
        var loops = Enumerable.Range(0, watchers).Select(_ => FollowAsync(version, seen, times, done, watchers, open, stop.Token)).ToArray();
        await Task.Run(() => open.Wait(TimeSpan.FromSeconds(60)));
        var latencies = new List<double>();
        var cpu = server.Cpu();
        for (var i = 0; i < writes; i++)
        {
            times[i] = Stopwatch.GetTimestamp();
            using var request = Requests.Create($"watched-{i}");
            using var response = await client.SendAsync(request);
            response.EnsureSuccessStatusCode();
            latencies.Add(await done[i].Task.WaitAsync(TimeSpan.FromSeconds(30)));
        }

        var used = server.Cpu() - cpu;
        latencies.Sort();
        var (p50, p99, each) = (latencies[writes / 2], latencies[writes * 99 / 100], used.TotalMilliseconds / writes);
        figures.Print(
            $"seen by {watchers} watchers",
            string.Create(CultureInfo.InvariantCulture, $"p50 {p50,7:F2} ms   p99 {p99,7:F2} ms   server CPU {each,7:F1} ms per write"),
            ("CPU ms", each),
            ("p50 ms", p50),
            ("p99 ms", p99));
        await stop.CancelAsync();
        await Task.WhenAll(loops);
    }

    public void PrintMemory(string name)
    {
        var resident = server.ResidentMiB();
        figures.Print(name, string.Create(CultureInfo.InvariantCulture, $"{resident:F0} MiB resident"), ("MiB", resident));
    }

    private async Task<string> VersionAsync()
    {
        var text = await client.GetStringAsync(Requests.ConfigMaps + "?limit=1");
        var start = text.IndexOf("\"resourceVersion\":\"", StringComparison.Ordinal) + "\"resourceVersion\":\"".Length;
        return text[start..text.IndexOf('"', start)];
    }

    private async Task FollowAsync(string version, int[] seen, long[] times, TaskCompletionSource<double>[] done, int watchers, CountdownEvent open, CancellationToken ct)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{Requests.ConfigMaps}?watch=true&resourceVersion={version}") { Version = HttpVersion.Version20 };
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(ct));
            open.Signal();
            while (await reader.ReadLineAsync(ct) is { } line)
            {
                var at = line.IndexOf("\"name\":\"watched-", StringComparison.Ordinal);
                if (at < 0 || !line.StartsWith("{\"type\":\"ADDED\"", StringComparison.Ordinal))
                {
                    continue;
                }

                at += "\"name\":\"watched-".Length;
                var number = int.Parse(line.AsSpan(at, line.IndexOf('"', at) - at), CultureInfo.InvariantCulture);
                if (Interlocked.Increment(ref seen[number]) == watchers)
                {
                    done[number].TrySetResult(Stopwatch.GetElapsedTime(times[number]).TotalMilliseconds);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or HttpRequestException)
        {
            // the end of the measurement
        }
    }
}
