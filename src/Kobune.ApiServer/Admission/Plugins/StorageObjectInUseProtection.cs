using System.Text.Json.Nodes;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>Claims, volumes and attributes classes cannot vanish while they are in use: each gets a finalizer that its protection controller takes away.</summary>
internal sealed class StorageObjectInUseProtection : IMutatingAdmission
{
    public string Name => "StorageObjectInUseProtection";

    public ValueTask MutateAsync(AdmissionRequest request, CancellationToken ct)
    {
        var finalizer = (request.Resource.Group, request.Resource.Plural) switch
        {
            ("", "persistentvolumeclaims") => "kubernetes.io/pvc-protection",
            ("", "persistentvolumes") => "kubernetes.io/pv-protection",
            ("storage.k8s.io", "volumeattributesclasses") => "kubernetes.io/vac-protection",
            _ => null,
        };
        if (finalizer is not null && request.Is(AdmissionOperation.Create) && request.Info.Subresource.Length == 0 && request.Object is { } created
            && !created.Need("metadata").Texts("finalizers").Contains(finalizer))
        {
            created.Need("metadata").NeedArray("finalizers").Add((JsonNode)JsonValue.Create(finalizer));
        }

        return default;
    }
}
