using System.Text.Json;
using Kobune.Cli.Output;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Clusters;

/// <summary>Reads Services with one way of showing them.</summary>
internal sealed class ServiceView(CommandContext context, ClusterApi api, ProfileConfig profile, string format, bool https)
{
    /// <summary>The Services of a namespace, or of all ("").</summary>
    public async Task<IReadOnlyList<ServiceUrls>> AllAsync(string ns, CancellationToken ct)
    {
        try
        {
            var list = await api.GetAsync(ns.Length == 0 ? "/api/v1/services" : $"/api/v1/namespaces/{ns}/services", ct);
            return [.. list!.Value.GetProperty("items").EnumerateArray().Select(Of)];
        }
        catch (HttpRequestException e)
        {
            throw new CliException(Reason.ServiceList, Message.ServiceListFailed, e.Message);
        }
    }

    /// <summary>These Services in this order; each may take the time given to appear and to have a running pod.</summary>
    public async Task<IReadOnlyList<ServiceUrls>> NamedAsync(string ns, string[] names, TimeSpan limit, TimeSpan interval, CancellationToken ct)
    {
        var found = new List<ServiceUrls>();
        foreach (var name in names)
        {
            var missing = new CliException(Reason.ServiceNotFound, Message.ServiceMissing, name, ns) { Advice = (Message.ServiceMissingAdvice, [name]) };
            var service = await WaitAsync(name, async () => await api.GetAsync($"/api/v1/namespaces/{ns}/services/{name}", ct) is { } o ? Of(o) : null, missing, limit, interval, ct);
            if (service.Urls.Count > 0 && service.Selector.Length > 0)
            {
                var path = $"/api/v1/namespaces/{ns}/pods?labelSelector={Uri.EscapeDataString(service.Selector)}";
                await WaitAsync(name, async () => HasRunningPod(await api.GetAsync(path, ct)) ? service : null, new(Reason.ServiceUnreachable, Message.ServiceUnreachable, name), limit, interval, ct);
            }

            found.Add(service);
        }

        return found;
    }

    private async Task<ServiceUrls> WaitAsync(string name, Func<Task<ServiceUrls?>> look, CliException otherwise, TimeSpan limit, TimeSpan interval, CancellationToken ct)
    {
        for (var start = context.Time.GetTimestamp(); ;)
        {
            var failure = otherwise;
            try
            {
                if (await look() is { } service)
                {
                    return service;
                }
            }
            catch (HttpRequestException e)
            {
                failure = new(Reason.ServiceTimeout, Message.ServiceWaitTimedOut, name, e.Message);
            }

            if (context.Time.GetElapsedTime(start) >= limit)
            {
                throw failure;
            }

            await Task.Delay(interval, context.Time, ct);
        }
    }

    private ServiceUrls Of(JsonElement service)
    {
        try
        {
            return ServiceUrls.Of(service, profile.Primary.IP, format, https);
        }
        catch (FormatException e)
        {
            throw new CliException(Reason.Usage, Message.BadValue, e.Message, "--format");
        }
    }

    private static bool HasRunningPod(JsonElement? pods) =>
        pods!.Value.GetProperty("items").EnumerateArray().Any(p => p.GetProperty("status").TryGetProperty("phase", out var phase) && phase.GetString() == "Running");
}
