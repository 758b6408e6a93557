using Kobune.Api.Networking.V1;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>Ingresses that name no class get the default one; of several the newest.</summary>
internal sealed class DefaultIngressClass : IMutatingAdmission
{
    private const string Mark = "ingressclass.kubernetes.io/is-default-class";

    public string Name => "DefaultIngressClass";

    public ValueTask MutateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (!request.IsFor("networking.k8s.io", "ingresses") || !request.Is(AdmissionOperation.Create) || request.Object is not { } ingress
            || ingress.Need("spec").Has("ingressClassName") || ingress.Child("metadata", "annotations").Has("kubernetes.io/ingress.class"))
        {
            return default;
        }

        var found = request.Objects.List<IngressClass>("")
            .Where(c => c.Metadata.Annotations.GetValueOrDefault(Mark) == "true")
            .OrderByDescending(c => c.Metadata.CreationTimestamp).ThenBy(c => c.Metadata.Name, StringComparer.Ordinal)
            .FirstOrDefault();
        if (found is not null)
        {
            ingress.Need("spec")["ingressClassName"] = found.Metadata.Name;
        }

        return default;
    }
}
