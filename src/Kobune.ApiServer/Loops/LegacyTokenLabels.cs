using System.Text;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authentication.Tokens;
using Microsoft.Extensions.Logging;

namespace Kobune.ApiServer.Loops;

/// <summary>Writes the day of the last use on Secrets with service account tokens, once a day and Secret. Source: k8s.io/kubernetes, pkg/serviceaccount/legacy.go.</summary>
internal sealed partial class LegacyTokenLabels(LegacyTokenUses uses, InProcessEndpoint endpoint, ILogger logger)
{
    private readonly UserInfo _user = UserInfo.Of("system:apiserver", UserNames.Masters);
    private readonly Dictionary<(string Namespace, string Name, string Uid), string> _written = [];

    public async Task RunAsync(CancellationToken ct)
    {
        while (await uses.Waiting.WaitToReadAsync(ct))
        {
            while (uses.Waiting.TryRead(out var use))
            {
                await WriteAsync(use.Namespace, use.Name, use.Uid, use.Day, ct);
            }
        }
    }

    private async Task WriteAsync(string ns, string name, string uid, string day, CancellationToken ct)
    {
        if (_written.GetValueOrDefault((ns, name, uid)) == day)
        {
            return; // used again before the cache showed the label
        }

        var patch = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = uid, ["labels"] = new JsonObject { [LegacyTokenUses.LastUsed] = day } } };
        var request = new InProcessRequest(_user, "PATCH", $"/api/v1/namespaces/{ns}/secrets/{name}", Encoding.UTF8.GetBytes(patch.ToJsonString()), "application/merge-patch+json", "kube-apiserver");
        var answer = await endpoint.SendAsync(request, ct);
        if (answer.StatusCode < 400)
        {
            _written[(ns, name, uid)] = day;
        }
        else if (answer.StatusCode is not (404 or 409))
        {
            LogRefused(ns, name, Encoding.UTF8.GetString(answer.Body.Json.Span));
        }
    }

    [LoggerMessage(LogLevel.Warning, "The last use of the token in Secret {Namespace}/{Name} could not be written: {Status}")]
    private partial void LogRefused(string @namespace, string name, string status);
}
