using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;

namespace Kobune.Bench.Api;

/// <summary>The load: requests by several workers over HTTP/2, as client-go sends them.</summary>
internal sealed class Load(HttpClient client, ServerProcess? server)
{
    private const int Workers = 16;
    private const string Path = "/api/v1/namespaces/default/configmaps";

    private static readonly string Value = new('x', 1024);

    /// <summary>Sends a request per number and prints latency and the server's CPU per 1,000.</summary>
    public async Task MeasureAsync(string name, int count, Func<int, HttpRequestMessage> make)
    {
        var latencies = new double[count];
        var next = -1;
        var cpu = server?.Cpu() ?? default;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(async _ =>
        {
            int i;
            while ((i = Interlocked.Increment(ref next)) < count)
            {
                var start = Stopwatch.GetTimestamp();
                using var request = make(i);
                request.Version = HttpVersion.Version20;
                using var response = await client.SendAsync(request);
                await response.Content.ReadAsByteArrayAsync();
                response.EnsureSuccessStatusCode();
                latencies[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }
        }));
        var used = (server?.Cpu() ?? default) - cpu;
        Array.Sort(latencies);
        Print(name, $"{count / clock.Elapsed.TotalSeconds,8:F0}/s   p50 {latencies[count / 2],7:F2} ms   p99 {latencies[count * 99 / 100],7:F2} ms   server CPU {used.TotalMilliseconds * 1000 / count,7:F1} ms per 1,000");
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
        var cpu = server?.Cpu() ?? default;
        for (var i = 0; i < writes; i++)
        {
            times[i] = Stopwatch.GetTimestamp();
            using var request = Create($"watched-{i}");
            using var response = await client.SendAsync(request);
            response.EnsureSuccessStatusCode();
            latencies.Add(await done[i].Task.WaitAsync(TimeSpan.FromSeconds(30)));
        }

        var used = (server?.Cpu() ?? default) - cpu;
        latencies.Sort();
        Print($"write seen by {watchers} watchers", $"p50 {latencies[writes / 2],7:F2} ms   p99 {latencies[writes * 99 / 100],7:F2} ms   server CPU {used.TotalMilliseconds / writes,7:F1} ms per write");
        await stop.CancelAsync();
        await Task.WhenAll(loops);
    }

    public void PrintMemory(string name)
    {
        if (server is not null)
        {
            Print(name, $"{server.ResidentMiB():F0} MiB resident");
        }
    }

    public static HttpRequestMessage Create(string name) => Send(HttpMethod.Post, Path, Body(name, "1"));

    public static HttpRequestMessage Get(string name) => new(HttpMethod.Get, $"{Path}/{name}");

    public static HttpRequestMessage List() => new(HttpMethod.Get, Path);

    public static HttpRequestMessage Update(string name) => Send(HttpMethod.Put, $"{Path}/{name}", Body(name, "2"));

    public static HttpRequestMessage Patch(string name) => Send(HttpMethod.Patch, $"{Path}/{name}", """{"data":{"b":"3"}}""", "application/merge-patch+json");

    public static HttpRequestMessage Delete(string name) => new(HttpMethod.Delete, $"{Path}/{name}");

    private static string Body(string name, string b) =>
        $"{{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{{\"name\":\"{name}\",\"namespace\":\"default\"}},\"data\":{{\"a\":\"{Value}\",\"b\":\"{b}\"}}}}";

    private static HttpRequestMessage Send(HttpMethod method, string path, string body, string type = "application/json") =>
        new(method, path) { Content = new StringContent(body, Encoding.UTF8, type) };

    private static void Print(string name, string figures) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-32} {figures}"));

    private async Task<string> VersionAsync()
    {
        var text = await client.GetStringAsync(Path + "?limit=1");
        var start = text.IndexOf("\"resourceVersion\":\"", StringComparison.Ordinal) + "\"resourceVersion\":\"".Length;
        return text[start..text.IndexOf('"', start)];
    }

    private async Task FollowAsync(string version, int[] seen, long[] times, TaskCompletionSource<double>[] done, int watchers, CountdownEvent open, CancellationToken ct)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{Path}?watch=true&resourceVersion={version}") { Version = HttpVersion.Version20 };
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
