using Kobune.Api.Storage.V1;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>Claims that name no class get the default one; of several the newest.</summary>
internal sealed class DefaultStorageClass : IMutatingAdmission
{
    private const string Mark = "storageclass.kubernetes.io/is-default-class";

    public string Name => "DefaultStorageClass";

    public ValueTask MutateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (!request.IsFor("", "persistentvolumeclaims") || !request.Is(AdmissionOperation.Create) || request.Object is not { } claim
            || claim.Need("spec").Has("storageClassName") || claim.Child("metadata", "annotations").Has("volume.beta.kubernetes.io/storage-class"))
        {
            return default;
        }

        var found = request.Objects.List<StorageClass>("")
            .Where(c => c.Metadata.Annotations.GetValueOrDefault(Mark) == "true" || c.Metadata.Annotations.GetValueOrDefault("storageclass.beta.kubernetes.io/is-default-class") == "true")
            .OrderByDescending(c => c.Metadata.CreationTimestamp).ThenBy(c => c.Metadata.Name, StringComparer.Ordinal)
            .FirstOrDefault();
        if (found is not null)
        {
            claim.Need("spec")["storageClassName"] = found.Metadata.Name;
        }

        return default;
    }
}
