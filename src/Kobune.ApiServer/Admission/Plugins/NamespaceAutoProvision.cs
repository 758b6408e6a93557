using System.Text;
using System.Text.Json;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Authentication;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>What is made in a namespace that does not exist makes the namespace too.</summary>
internal sealed class NamespaceAutoProvision : IMutatingAdmission, IServerAdmission
{
    private static readonly UserInfo Server = UserInfo.Of("system:apiserver", UserNames.Masters);
    private InProcessEndpoint? _endpoint;

    public string Name => "NamespaceAutoProvision";

    public void Attach(InProcessEndpoint endpoint) => _endpoint = endpoint;

    public async ValueTask MutateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (!request.Is(AdmissionOperation.Create) || request.DryRun || request.Namespace.Length == 0 || request.Resource.Plural == "namespaces" || _endpoint is null
            || request.Objects.Find<Namespace>("", request.Namespace) is not null || await request.Objects.GetAsync<Namespace>("", request.Namespace, ct) is not null)
        {
            return;
        }

        var body = Encoding.UTF8.GetBytes($$$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{{JsonEncodedText.Encode(request.Namespace)}}}"}}""");
        var answer = await _endpoint.SendAsync(new InProcessRequest(Server, "POST", "/api/v1/namespaces", body, UserAgent: "kube-apiserver"), ct);
        if (answer.StatusCode >= 400 && answer.StatusCode != 409)
        {
            throw request.Refusal($"namespace \"{request.Namespace}\" could not be made: {Encoding.UTF8.GetString(answer.Body.Json.Span)}");
        }
    }
}
