using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Outbound;

namespace Kobune.ApiServer.Webhooks;

/// <summary>
/// Calls webhooks: at a URL, or at an endpoint of a Service, under the Service's own name. Connections are the connector's, kept and HTTP/2 where the webhook
/// speaks it. Safe for concurrent callers; to be called with no transaction open. Source: k8s.io/apiserver, util/webhook, ClientManager.
/// </summary>
internal sealed class WebhookCaller(IOutboundConnector? connector, IObjectReader objects, TimeProvider time)
{
    /// <summary>Posts a document and reads the one that comes back.</summary>
    /// <param name="address">Where it is.</param>
    /// <param name="body">The document.</param>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="credential">What it is shown of this server; null for nothing.</param>
    /// <param name="ct">Ends the call.</param>
    /// <exception cref="WebhookException">The webhook cannot be reached, is late, or answers with no success or no document.</exception>
    public async ValueTask<JsonObject> PostAsync(WebhookAddress address, byte[] body, TimeSpan timeout, WebhookCredential? credential, CancellationToken ct)
    {
        var told = $"{Math.Ceiling(timeout.TotalSeconds).ToString(CultureInfo.InvariantCulture)}s";
        var shown = address.Shown(told);
        using var late = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        var dialled = (new Uri(shown).Host, new Uri(shown).Port);
        string Words(string reason) => $"Post \"{shown}\": {reason}";
        try
        {
            dialled = address.Service is { } service ? Endpoint(service) : dialled;
            var (invoker, request) = await RequestAsync(dialled, new Uri(shown), address.Authorities, body, credential, either.Token);
            using (request)
            {
                using var response = await invoker.SendAsync(request, either.Token);
                var answer = await response.Content.ReadAsByteArrayAsync(either.Token);
                return (int)response.StatusCode is >= 200 and <= 206 ? ServerAnswers.Document(answer) : throw ServerAnswers.Failure((int)response.StatusCode, answer);
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new WebhookException(Words("context deadline exceeded"));
        }
        catch (UnresolvedException e)
        {
            throw new WebhookException(Words(e.Message));
        }
        catch (HttpRequestException e)
        {
            throw new WebhookException(Words(DialFailure.Words(e, dialled.Host, dialled.Port)));
        }
        catch (IOException e)
        {
            throw new WebhookException(Words(e is HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded } ? "EOF" : e.Message));
        }
    }

    private async ValueTask<(HttpMessageInvoker Invoker, HttpRequestMessage Request)> RequestAsync((string Host, int Port) endpoint, Uri shown, string authorities, byte[] body, WebhookCredential? credential, CancellationToken ct)
    {
        var target = new OutboundTarget(OutboundPurpose.Webhook, endpoint.Host, endpoint.Port, Tls: true)
        {
            Trust = new(shown.Host, authorities, SkipsVerification: false) { Certificate = credential?.Certificate ?? "", Key = credential?.Key ?? "" },
        };
        var (invoker, at) = await (connector ?? throw new UnresolvedException("this server has no way to webhooks")).ConnectAsync(target, ct);
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(at, shown.PathAndQuery)) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        request.Headers.Host = shown.Authority; // also what TLS verifies: the address is an endpoint's
        request.Headers.Authorization = credential?.Authorization;
        request.Headers.TryAddWithoutValidation("Accept", "application/json, */*");
        request.Headers.TryAddWithoutValidation("User-Agent", "kube-apiserver-admission");
        request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        return (invoker, request);
    }

    /// <summary>Source: k8s.io/apiserver, util/proxy, ResolveEndpoint.</summary>
    private (string Host, int Port) Endpoint(WebhookService wanted)
    {
        var service = objects.Find<Service>(wanted.Namespace, wanted.Name) ?? throw new UnresolvedException($"service \"{wanted.Name}\" not found");
        if (service.Spec.Type == "ExternalName")
        {
            return (service.Spec.ExternalName, wanted.Port);
        }

        var port = service.Spec.Ports.FirstOrDefault(p => p.Port == wanted.Port) ?? throw new UnresolvedException($"no service port {wanted.Port} found for service \"{wanted.Name}\"");
        return ServiceEndpoints.Pick(objects, service, port.Name) ?? throw new UnresolvedException($"no endpoints available for service \"{wanted.Name}\"");
    }

    private sealed class UnresolvedException(string message) : Exception(message);
}
