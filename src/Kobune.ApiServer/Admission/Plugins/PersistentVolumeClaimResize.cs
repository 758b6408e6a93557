using Kobune.Api.Core.V1;
using Kobune.Api.Storage.V1;
using Kobune.Api.Volumes;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>A claim may grow when it is bound and its class allows it (plugin/pkg/admission/storage/persistentvolume/resize).</summary>
internal sealed class PersistentVolumeClaimResize : IValidatingAdmission
{
    public string Name => "PersistentVolumeClaimResize";

    public ValueTask ValidateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (!request.IsFor("", "persistentvolumeclaims") || !request.Is(AdmissionOperation.Update) || request.Object is null || request.OldObject is null)
        {
            return default;
        }

        var (now, before) = (request.Object.Read<PersistentVolumeClaim>(), request.OldObject.Read<PersistentVolumeClaim>());
        if (now.Spec.Resources.Requests.GetValueOrDefault("storage") <= before.Spec.Resources.Requests.GetValueOrDefault("storage"))
        {
            return default;
        }

        if (before.Status.Phase != PersistentVolumeClaimPhase.Bound)
        {
            throw request.Refusal("Only bound persistent volume claims can be expanded");
        }

        var name = VolumeMatch.ClassOf(now);
        if (name.Length == 0 || name != VolumeMatch.ClassOf(before) || request.Objects.Find<StorageClass>("", name)?.AllowVolumeExpansion != true)
        {
            throw request.Refusal("only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize");
        }

        return default;
    }
}
