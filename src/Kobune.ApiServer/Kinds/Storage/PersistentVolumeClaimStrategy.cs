using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Features;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Storage;

/// <summary>Claims.</summary>
internal sealed class PersistentVolumeClaimStrategy : KindStrategy
{
    private const string BetaClass = "volume.beta.kubernetes.io/storage-class";
    private const string Attributes = "spec.volumeAttributesClassName";

    public override (string Group, string Resource) Resource => ("", "persistentvolumeclaims");

    public override void ApplyDefaults(JsonObject obj)
    {
        obj.Need("spec").Default("volumeMode", "Filesystem");
        obj.Need("status").DefaultEmpty("phase", "Pending");
    }

    public override void PrepareForCreate(StrategyContext context, JsonObject obj) => obj["status"] = new JsonObject { ["phase"] = "Pending" };

    public override void Validate(EncodedObject obj, FieldErrors errors) => ClaimSpecRules.Validate(obj.Read<PersistentVolumeClaim>().Spec, null, "spec", errors);

    public override IEnumerable<string> Warnings(EncodedObject obj, EncodedObject? old, FeatureGates features)
    {
        var claim = obj.Read<PersistentVolumeClaim>();
        return
        [
            .. claim.Metadata.Annotations.ContainsKey(BetaClass) ? [VolumeWarnings.BetaClass] : (string[])[],
            .. VolumeWarnings.OfClaim(claim.Spec, "spec"),
        ];
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        var (now, before) = (obj.Read<PersistentVolumeClaim>(), old.Read<PersistentVolumeClaim>());
        if (subresource == "status")
        {
            ClaimStatusRules.Validate(now.Status, errors);
            return;
        }

        ClaimSpecRules.Validate(now.Spec, before.Spec, "spec", errors);
        if (now.Metadata.Annotations.GetValueOrDefault(BetaClass) is var annotation && annotation != before.Metadata.Annotations.GetValueOrDefault(BetaClass) && !IsUpgrade(now, before))
        {
            errors.Invalid($"metadata.annotations.{BetaClass}", annotation ?? "", FieldRules.Immutable);
        }

        var munged = Munged(now, before, CancelsClass(errors));
        if (munged != before.Spec)
        {
            errors.Forbidden("spec", $"spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n{ChangeText.Of(before.Spec.ToTree(), munged.ToTree())}");
        }

        Size(now, before, errors);
        errors.Same("volumeMode", now.Spec.VolumeMode, before.Spec.VolumeMode);
        AttributesClass(now.Spec.VolumeAttributesClassName, before, errors);
    }

    // What may change is as it was: a name that was not given yet, and the size and attributes of a bound claim.
    private static PersistentVolumeClaimSpec Munged(PersistentVolumeClaim now, PersistentVolumeClaim before, bool cancelsClass)
    {
        var spec = now.Spec;
        if (before.Spec.VolumeName.Length == 0)
        {
            spec = spec with { VolumeName = "" };
        }

        var annotated = before.Metadata.Annotations.GetValueOrDefault(BetaClass);
        if (before.Spec.StorageClassName is null && spec.StorageClassName is { } named && (annotated is null || annotated == named))
        {
            spec = spec with { StorageClassName = null };
        }

        if (now.Status.Phase != "Bound")
        {
            return spec;
        }

        var requests = new Dictionary<string, Quantity>(spec.Resources.Requests, StringComparer.Ordinal);
        if (before.Spec.Resources.Requests.TryGetValue("storage", out var size))
        {
            requests["storage"] = size;
        }

        return spec with
        {
            Resources = spec.Resources with { Requests = requests },
            VolumeAttributesClassName = spec.VolumeAttributesClassName is null && !cancelsClass ? null : before.Spec.VolumeAttributesClassName,
        };
    }

    // A class that was told in the old annotation may move to the field.
    private static bool IsUpgrade(PersistentVolumeClaim now, PersistentVolumeClaim before) =>
        before.Metadata.Annotations.TryGetValue(BetaClass, out var annotated) && before.Spec.StorageClassName is null && now.Spec.StorageClassName == annotated
        && now.Metadata.Annotations.GetValueOrDefault(BetaClass, annotated) == annotated;

    // A claim that could not grow may ask for less again, but not for what it has.
    private static void Size(PersistentVolumeClaim now, PersistentVolumeClaim before, FieldErrors errors)
    {
        now.Spec.Resources.Requests.TryGetValue("storage", out var size);
        before.Spec.Resources.Requests.TryGetValue("storage", out var old);
        if (size >= old)
        {
            return;
        }

        const string path = "spec.resources.requests.storage";
        before.Status.Capacity.TryGetValue("storage", out var capacity);
        if (!errors.Features.IsEnabled("RecoverVolumeExpansionFailure"))
        {
            errors.Forbidden(path, "field can not be less than previous value");
        }
        else if (size <= capacity)
        {
            errors.Forbidden(path, "field can not be less than status.capacity");
        }
    }

    /// <summary>Since 1.34 a class that never took effect may be taken back.</summary>
    private static bool CancelsClass(FieldErrors errors) => errors.Features.Version.Minor >= 34;

    private static void AttributesClass(string? now, PersistentVolumeClaim old, FieldErrors errors)
    {
        var before = old.Spec.VolumeAttributesClassName;
        if (now == before)
        {
            return;
        }

        if (!errors.Features.IsEnabled("VolumeAttributesClass"))
        {
            errors.Forbidden(Attributes, "update is forbidden when the VolumeAttributesClass feature gate is disabled");
        }

        if (CancelsClass(errors))
        {
            if (old.Status.CurrentVolumeAttributesClassName is not null && string.IsNullOrEmpty(now))
            {
                errors.Forbidden(Attributes, $"update to {(now is null ? "nil" : "empty string")} is forbidden when status.currentVolumeAttributesClassName is not nil");
            }
        }
        else if (before is not null && string.IsNullOrEmpty(now))
        {
            errors.Forbidden(Attributes, $"update from non-nil value to {(now is null ? "nil" : "an empty string")} is forbidden");
        }
    }
}
