using System.Globalization;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Features;
using Kobune.Api.Validation;
using Kobune.ApiServer.Kinds.Pods;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Storage;

/// <summary>Persistent volumes.</summary>
internal sealed class PersistentVolumeStrategy : KindStrategy
{
    private const string Attributes = "spec.volumeAttributesClassName";

    // Everything in the spec that is not one of these is a source.
    private static readonly HashSet<string> Plain =
        ["capacity", "accessModes", "claimRef", "persistentVolumeReclaimPolicy", "storageClassName", "mountOptions", "volumeMode", "nodeAffinity", "volumeAttributesClassName"];

    public override (string Group, string Resource) Resource => ("", "persistentvolumes");

    public override void ApplyDefaults(JsonObject obj)
    {
        obj.Need("spec").DefaultEmpty("persistentVolumeReclaimPolicy", "Retain");
        obj.Need("spec").Default("volumeMode", "Filesystem");
        obj.Need("spec").Child("hostPath")?.Default("type", "");
        obj.Need("status").DefaultEmpty("phase", "Pending");
    }

    public override void PrepareForCreate(StrategyContext context, JsonObject obj) =>
        obj["status"] = new JsonObject { ["phase"] = "Pending", ["lastPhaseTransitionTime"] = context.Time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) };

    public override void Validate(EncodedObject obj, FieldErrors errors) => Validate(obj.Read<PersistentVolume>(), anyValues: false, errors);

    private static void Validate(PersistentVolume volume, bool anyValues, FieldErrors errors)
    {
        var spec = volume.Spec;
        if (spec.AccessModes.Count == 0)
        {
            errors.Required("spec.accessModes", "");
        }

        AccessModes.Validate(spec.AccessModes, "spec.accessModes", errors);
        Capacity(spec, errors);
        if (spec.PersistentVolumeReclaimPolicy is not ("" or "Delete" or "Recycle" or "Retain"))
        {
            errors.NotSupported("spec.persistentVolumeReclaimPolicy", spec.PersistentVolumeReclaimPolicy, ["Delete", "Recycle", "Retain"]);
        }

        Affinity(spec.NodeAffinity, anyValues, errors);
        PersistentSourceRules.Source(spec, volume.Metadata.Name ?? "", "spec", errors);
        if (spec.HostPath is { } host && host.Path.Trim('/', '.').Length == 0 && host.Path.StartsWith('/') && spec.PersistentVolumeReclaimPolicy == "Recycle")
        {
            errors.Forbidden("spec.persistentVolumeReclaimPolicy", "may not be 'recycle' for a hostPath mount of '/'");
        }

        if (spec.StorageClassName.Length > 0)
        {
            errors.Names("spec.storageClassName", spec.StorageClassName, NameValidation.Dns1123Subdomain(spec.StorageClassName));
        }

        if (spec.VolumeMode is not (null or "Block" or "Filesystem"))
        {
            errors.NotSupported("spec.volumeMode", spec.VolumeMode, ["Block", "Filesystem"]);
        }

        PersistentSourceRules.AttributesClass(spec, "spec", errors);
    }

    public override IEnumerable<string> Warnings(EncodedObject obj, EncodedObject? old, FeatureGates features) => VolumeWarnings.OfPersistent(obj.Read<PersistentVolume>());

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        if (subresource == "status")
        {
            return;
        }

        Validate(obj.Read<PersistentVolume>(), PodTolerance.HasWrongValue(old.Read<PersistentVolume>().Spec.NodeAffinity?.Required), errors);
        var (now, before) = (obj.Read<PersistentVolume>().Spec, old.Read<PersistentVolume>().Spec);
        var (nowSource, oldSource) = (SourceOf(now), SourceOf(before));
        if (before.CSI is { ControllerExpandSecretRef: null })
        {
            nowSource.Child("csi")?.Remove("controllerExpandSecretRef"); // may be told later
        }

        if (!nowSource.SameAs(oldSource))
        {
            errors.Forbidden("spec.persistentvolumesource", $"spec.persistentvolumesource is immutable after creation\n{ChangeText.Of(oldSource, nowSource)}");
        }

        errors.Same("volumeMode", now.VolumeMode, before.VolumeMode);
        if (before.NodeAffinity is { } affinity && !errors.Features.IsEnabled("MutablePVNodeAffinity") && !NodeLabels.IsSame(now.NodeAffinity, affinity))
        {
            errors.Invalid("nodeAffinity", now.NodeAffinity, FieldRules.Immutable + ", except for updating from beta label to GA");
        }

        if (now.VolumeAttributesClassName != before.VolumeAttributesClassName)
        {
            if (!errors.Features.IsEnabled("VolumeAttributesClass"))
            {
                errors.Forbidden(Attributes, "update is forbidden when the VolumeAttributesClass feature gate is disabled");
            }

            if (now.VolumeAttributesClassName is null)
            {
                errors.Forbidden(Attributes, "update from non-nil value to nil is forbidden");
            }
        }
    }

    private static void Capacity(PersistentVolumeSpec spec, FieldErrors errors)
    {
        if (spec.Capacity.Count == 0)
        {
            errors.Required("spec.capacity", "");
        }

        if (!spec.Capacity.ContainsKey("storage") || spec.Capacity.Count > 1)
        {
            errors.NotSupported("spec.capacity", spec.ToTree().Child("capacity") ?? [], ["storage"]);
        }

        foreach (var (name, size) in spec.Capacity)
        {
            if (size.Sign < 0)
            {
                errors.Invalid($"spec.capacity[{name}]", size.Value, "must be a valid resource quantity");
            }

            if (size.Sign <= 0)
            {
                errors.Invalid($"spec.capacity[{name}]", size, "must be greater than zero");
            }
        }
    }

    private static void Affinity(VolumeNodeAffinity? affinity, bool anyValues, FieldErrors errors)
    {
        if (affinity is { Required: { } required })
        {
            SchedulingValidation.Selector(required, "spec.nodeAffinity.required", errors, anyValues);
        }
        else if (affinity is not null)
        {
            errors.Required("spec.nodeAffinity.required", "must specify required node constraints");
        }
    }

    private static JsonObject SourceOf(PersistentVolumeSpec spec)
    {
        var tree = spec.ToTree();
        foreach (var plain in Plain)
        {
            tree.Remove(plain);
        }

        return tree;
    }
}
