using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Storage.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Storage;

/// <summary>CSI drivers. Defaults are those of pkg/apis/storage/v1/defaults.go (seLinuxMount also in pkg/apis/storage/fuzzer).</summary>
internal sealed class CSIDriverStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => ("storage.k8s.io", "csidrivers");

    public override void ApplyDefaults(JsonObject obj)
    {
        var spec = obj.Need("spec");
        spec.Default("attachRequired", true);
        foreach (var flag in (ReadOnlySpan<string>)["podInfoOnMount", "storageCapacity", "requiresRepublish", "seLinuxMount"])
        {
            spec.Default(flag, false);
        }

        spec.Default("fsGroupPolicy", "ReadWriteOnceWithFSType");
        if (spec.Array("volumeLifecycleModes") is null or { Count: 0 })
        {
            spec["volumeLifecycleModes"] = new JsonArray("Persistent");
        }
    }

    public override void Validate(EncodedObject obj, FieldErrors errors) => CSIDriverRules.Validate(obj.Read<CSIDriver>().Spec, errors);

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        var (now, before) = (obj.Read<CSIDriver>().Spec, old.Read<CSIDriver>().Spec);
        CSIDriverRules.Validate(now, errors);
        errors.Same("spec.attachedRequired", now.AttachRequired, before.AttachRequired); // upstream's path
        if (!now.VolumeLifecycleModes.SequenceEqual(before.VolumeLifecycleModes))
        {
            errors.Invalid("spec.volumeLifecycleModes", now.VolumeLifecycleModes, FieldRules.Immutable);
        }
    }
}
