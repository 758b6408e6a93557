using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.ApiServer.Errors;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>No objects in namespaces that do not exist, no new ones in those that are being terminated, and three namespaces that cannot be deleted.</summary>
internal sealed class NamespaceLifecycle : IMutatingAdmission
{
    public string Name => "NamespaceLifecycle";

    public async ValueTask MutateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (request.IsFor("", "namespaces"))
        {
            if (request.Is(AdmissionOperation.Delete) && request.Name is ("default" or "kube-system" or "kube-public"))
            {
                throw request.Refusal("this namespace may not be deleted");
            }

            return;
        }

        if (request.Namespace.Length == 0 || request.Resource.Plural == "namespaces" || request.Is(AdmissionOperation.Delete)
            || request.IsFor("authorization.k8s.io", "localsubjectaccessreviews"))
        {
            return;
        }

        var found = await request.Objects.FindOrGetAsync<Namespace>("", request.Namespace, ct)
            ?? throw StatusErrors.NotFound("", "namespaces", request.Namespace);
        if (request.Is(AdmissionOperation.Create) && found.Status.Phase == NamespacePhase.Terminating)
        {
            throw Terminating(request);
        }
    }

    private static StatusException Terminating(AdmissionRequest request)
    {
        var refusal = request.Refusal($"unable to create new content in namespace {request.Namespace} because it is being terminated").Status;
        var cause = new StatusCause { Type = "NamespaceTerminating", Message = $"namespace {request.Namespace} is being terminated", Field = "metadata.namespace" };
        return new(refusal with { Details = refusal.Details! with { Causes = [.. refusal.Details.Causes, cause] } });
    }
}
