using Kobune.Api.Core.V1;
using Kobune.ApiServer.Errors;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>No write in a namespace that does not exist; NamespaceLifecycle does the same and more.</summary>
internal sealed class NamespaceExists : IValidatingAdmission
{
    public string Name => "NamespaceExists";

    public async ValueTask ValidateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (request.Namespace.Length > 0 && request.Resource.Plural != "namespaces" && request.Objects.Find<Namespace>("", request.Namespace) is null
            && await request.Objects.GetAsync<Namespace>("", request.Namespace, ct) is null)
        {
            throw StatusErrors.NotFound("", "namespaces", request.Namespace);
        }
    }
}
