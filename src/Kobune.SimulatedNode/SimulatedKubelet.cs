using System.Net;
using System.Text;
using Kobune.Api.Core.V1;
using Kobune.Client.Informers;

namespace Kobune.SimulatedNode;

/// <summary>The server of the simulated kubelets, without a socket: logs as <see cref="SimulatedNodeOptions.Logs"/> gives them.</summary>
internal sealed class SimulatedKubelet(SimulatedNodeOptions options, IInformer<Pod> pods) : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var uri = request.RequestUri!;
        var parts = uri.AbsolutePath.Trim('/').Split('/');
        return Task.FromResult(parts is ["containerLogs", var ns, var name, var container] ? Logs(ns, name, container, QueryOf(uri)) : Text(HttpStatusCode.NotFound, "404 page not found"));
    }

    private HttpResponseMessage Logs(string ns, string name, string container, Dictionary<string, string> query)
    {
        if (pods.Cache.Find(ns, name) is not { } pod)
        {
            return Text(HttpStatusCode.NotFound, $"pods \"{name}\" not found");
        }

        var status = pod.Status.ContainerStatuses.FirstOrDefault(s => s.Name == container);
        if (status is null)
        {
            return Text(HttpStatusCode.BadRequest, $"container \"{container}\" in pod \"{name}\" is waiting to start: ContainerCreating");
        }

        var isPrevious = query.GetValueOrDefault("previous") == "true";
        if (isPrevious && status.LastTerminationState.Terminated is null)
        {
            return Text(HttpStatusCode.BadRequest, $"previous terminated container \"{container}\" in pod \"{name}\" not found");
        }

        var lines = (options.Logs?.Invoke(pod, container, isPrevious) ?? "").Split('\n').ToList();
        if (lines[^1].Length == 0)
        {
            lines.RemoveAt(lines.Count - 1);
        }

        if (int.TryParse(query.GetValueOrDefault("tailLines"), out var tail) && tail < lines.Count)
        {
            lines.RemoveRange(0, lines.Count - tail);
        }

        var text = string.Concat(lines.Select(l => l + "\n"));
        return Text(HttpStatusCode.OK, int.TryParse(query.GetValueOrDefault("limitBytes"), out var limit) && limit < text.Length ? text[..limit] : text);
    }

    private static Dictionary<string, string> QueryOf(Uri uri) => uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => p.Length > 1 ? Uri.UnescapeDataString(p[1]) : "", StringComparer.Ordinal);

    private static HttpResponseMessage Text(HttpStatusCode code, string text) => new(code) { Content = new StringContent(text, Encoding.UTF8, "text/plain") };
}
