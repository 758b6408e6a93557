using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Json;
using Kobune.Api.Meta.V1;
using Kobune.ApiServer.Authentication;
using Microsoft.Extensions.Logging;

namespace Kobune.ApiServer.Loops;

/// <summary>Events of the server's own loops, under the name of upstream's. A sentence that is said again about the same object is counted in the Event that is there.</summary>
internal sealed partial class ServerEvents(InProcessEndpoint endpoint, string component, TimeProvider time, ILogger logger)
{
    private const int MaxRemembered = 1000;
    private const string NotNamespaced = "default";
    private readonly UserInfo _user = UserInfo.Of("system:apiserver", UserNames.Masters);
    private readonly Dictionary<(string Uid, string Reason, string Message), (string Path, int Count)> _said = [];

    /// <summary>Says that something about an object needs a look. A refusal is logged alone.</summary>
    /// <param name="about">The object.</param>
    /// <param name="reason">One word.</param>
    /// <param name="action">What was done, for an event of events.k8s.io; empty for one of upstream's older recorder.</param>
    /// <param name="message">A sentence.</param>
    /// <param name="ct">Gives up.</param>
    public async Task WarnAsync(IKubernetesObject about, string reason, string action, string message, CancellationToken ct)
    {
        var key = (about.Metadata.Uid, reason, message);
        if (_said.TryGetValue(key, out var before) && await AgainAsync(before.Path, before.Count + 1, ct))
        {
            _said[key] = (before.Path, before.Count + 1);
            return;
        }

        if (_said.Count >= MaxRemembered)
        {
            _said.Clear();
        }

        var said = Make(about, reason, action, message);
        var place = $"/api/v1/namespaces/{said.Metadata.Namespace}/events";
        var answer = await endpoint.SendAsync(new InProcessRequest(_user, "POST", place, JsonText.Bytes(said), UserAgent: "kube-apiserver"), ct);
        if (answer.StatusCode >= 400)
        {
            LogRefused(reason, about.Metadata.Name, Encoding.UTF8.GetString(answer.Body.Json.Span));
            return;
        }

        _said[key] = ($"{place}/{said.Metadata.Name}", 1);
    }

    private async Task<bool> AgainAsync(string path, int count, CancellationToken ct)
    {
        var series = new JsonObject { ["series"] = new JsonObject { ["count"] = count, ["lastObservedTime"] = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture) } };
        var request = new InProcessRequest(_user, "PATCH", path, Encoding.UTF8.GetBytes(series.ToJsonString()), "application/merge-patch+json", "kube-apiserver");
        return (await endpoint.SendAsync(request, ct)).StatusCode < 400;
    }

    private Event Make(IKubernetesObject about, string reason, string action, string message)
    {
        var now = time.GetUtcNow();
        var made = new Event
        {
            Metadata = new ObjectMeta
            {
                Name = string.Create(CultureInfo.InvariantCulture, $"{about.Metadata.Name}.{(now - DateTimeOffset.UnixEpoch).Ticks * 100:x}"),
                Namespace = about.Metadata.Namespace.Length == 0 ? NotNamespaced : about.Metadata.Namespace,
            },
            InvolvedObject = new ObjectReference
            {
                Kind = about.Kind,
                APIVersion = about.ApiVersion,
                Namespace = about.Metadata.Namespace,
                Name = about.Metadata.Name,
                Uid = about.Metadata.Uid,
                ResourceVersion = about.Metadata.ResourceVersion,
            },
            Type = "Warning",
            Reason = reason,
            Message = message,
            ReportingController = component,
        };
        return action.Length == 0
            ? made with { Source = new EventSource { Component = component }, FirstTimestamp = now, LastTimestamp = now, Count = 1 }
            : made with { Action = action, EventTime = now, ReportingInstance = $"{component}-{Environment.MachineName}" };
    }

    [LoggerMessage(LogLevel.Warning, "The event {Reason} about {Name} was refused: {Status}")]
    private partial void LogRefused(string reason, string name, string status);
}
