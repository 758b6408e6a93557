using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Webhooks;

/// <summary>Asks a webhook by posting a review; transient failures are tried again with growing waits. Source: k8s.io/apiserver, util/webhook.</summary>
internal sealed class ReviewClient(ReviewWebhookOptions options, TimeProvider time) : IDisposable
{
    private const int Tries = 5;
    private const double Growth = 1.5;

    private readonly KubeconfigClient _client = options.IsInCluster ? PodCredential.Connect(time) : KubeconfigClient.Load(options.ConfigFile);

    /// <summary>The status of the answer.</summary>
    /// <exception cref="WebhookException">There is none.</exception>
    public async Task<JsonObject> AskAsync(string group, string kind, JsonObject spec, CancellationToken ct)
    {
        var review = new JsonObject
        {
            ["kind"] = kind,
            ["apiVersion"] = $"{group}/{options.Version}",
            ["metadata"] = new JsonObject(),
            ["spec"] = spec,
            ["status"] = new JsonObject(),
        };
        var body = Encoding.UTF8.GetBytes(review.ToJsonString());
        var wait = options.InitialBackoff;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var answer = await PostAsync(body, ct);
                return answer.Text("kind") != kind
                    ? throw new WebhookException($"the webhook answers with a {answer.Text("kind")}, not with a {kind}", 502)
                    : answer.Child("status") ?? [];
            }
            catch (WebhookException e) when (attempt < Tries && IsTransient(e))
            {
                await Task.Delay(wait, time, ct);
                wait *= Growth;
            }
        }
    }

    public void Dispose() => _client.Dispose();

    // Upstream tries again after 500, 504, 429 and connections that were reset, not after those that were refused.
    private static bool IsTransient(WebhookException e) => e.Code is 500 or 504 or 429 || IsReset(e.InnerException);

    private static bool IsReset(Exception? e) => e is not null && (e is SocketException { SocketErrorCode: SocketError.ConnectionReset } || IsReset(e.InnerException));

    private async Task<JsonObject> PostAsync(byte[] body, CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        try
        {
            using var answer = await _client.PostAsync(body, either.Token);
            var content = await answer.Content.ReadAsByteArrayAsync(either.Token);
            return answer.IsSuccessStatusCode ? ServerAnswers.Document(content) : throw ServerAnswers.Failure((int)answer.StatusCode, content);
        }
        catch (HttpRequestException e)
        {
            throw new WebhookException($"Post \"{_client.Server}\": {e.Message}", 503, e);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new WebhookException($"Post \"{_client.Server}\": context deadline exceeded");
        }
    }
}
