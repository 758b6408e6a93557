using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Storage.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Kinds.Pods;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Storage;

/// <summary>Persistent volumes.</summary>
internal sealed class PersistentVolumeStrategy : KindStrategy
{
    // Everything in the spec that is not one of these is a source.
    private static readonly HashSet<string> Plain =
        ["capacity", "accessModes", "claimRef", "persistentVolumeReclaimPolicy", "storageClassName", "mountOptions", "volumeMode", "nodeAffinity", "volumeAttributesClassName"];

    public override (string Group, string Resource) Resource => ("", "persistentvolumes");

    public override void ApplyDefaults(JsonObject obj)
    {
        obj.Need("spec").DefaultEmpty("persistentVolumeReclaimPolicy", "Retain");
        obj.Need("spec").Default("volumeMode", "Filesystem");
        obj.Need("spec").Child("hostPath")?.Default("type", "");
    }

    public override void PrepareForCreate(StrategyContext context, JsonObject obj) =>
        obj["status"] = new JsonObject { ["phase"] = "Pending", ["lastPhaseTransitionTime"] = context.Time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture) };

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var spec = obj.Read<PersistentVolume>().Spec;
        AccessModes.Validate(spec.AccessModes, "", errors);
        if (spec.Capacity.Count == 0)
        {
            errors.Required("spec.capacity", "");
        }

        if (!spec.Capacity.TryGetValue("storage", out var size) || spec.Capacity.Count > 1)
        {
            errors.NotSupported("spec.capacity", spec.Capacity.Keys.FirstOrDefault(), ["storage"]);
        }
        else if (size.Sign <= 0)
        {
            errors.Invalid("spec.capacity[storage]", size, "must be greater than zero");
        }

        errors.OneOfOrEmpty("spec.persistentVolumeReclaimPolicy", spec.PersistentVolumeReclaimPolicy, "Delete", "Recycle", "Retain");
        errors.OneOfOrEmpty("spec.volumeMode", spec.VolumeMode, "Block", "Filesystem");
        string[] sources = [.. Sources(spec)];
        if (sources.Length == 0)
        {
            errors.Required("spec", "must specify a volume type");
        }

        foreach (var extra in sources.Skip(1))
        {
            errors.Forbidden("spec." + extra, "may not specify more than 1 volume type");
        }

        if (spec.Local is not null && spec.NodeAffinity is null)
        {
            errors.Required("spec.nodeAffinity", "Local volume requires node affinity");
        }

        for (var i = 0; i < (spec.NodeAffinity?.Required?.NodeSelectorTerms.Count ?? 0); i++)
        {
            var term = spec.NodeAffinity!.Required!.NodeSelectorTerms[i];
            for (var j = 0; j < term.MatchExpressions.Count; j++)
            {
                SchedulingValidation.Requirement(term.MatchExpressions[j], $"spec.nodeAffinity.required.nodeSelectorTerms[{i}].matchExpressions[{j}]", errors);
            }
        }
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        if (subresource == "status")
        {
            return;
        }

        Validate(obj, errors);
        var (now, before) = (obj.ToTree().Need("spec"), old.ToTree().Need("spec"));
        if (now.Select(f => f.Key).Union(before.Select(f => f.Key)).Any(key => !Plain.Contains(key) && !now[key].SameAs(before[key])))
        {
            errors.Forbidden("spec.persistentvolumesource", "spec.persistentvolumesource is immutable after creation");
        }

        errors.Same("volumeMode", obj.Read<PersistentVolume>().Spec.VolumeMode, old.Read<PersistentVolume>().Spec.VolumeMode);
    }

    private static IEnumerable<string> Sources(PersistentVolumeSpec spec) => spec.ToTree().Where(f => f.Value is not null && !Plain.Contains(f.Key)).Select(f => f.Key);
}

/// <summary>Claims.</summary>
internal sealed class PersistentVolumeClaimStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => ("", "persistentvolumeclaims");

    public override void ApplyDefaults(JsonObject obj) => obj.Need("spec").Default("volumeMode", "Filesystem");

    public override void PrepareForCreate(StrategyContext context, JsonObject obj) => obj["status"] = new JsonObject { ["phase"] = "Pending" };

    public override void Validate(EncodedObject obj, FieldErrors errors) => Validate(obj.Read<PersistentVolumeClaim>().Spec, errors);

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        if (subresource == "status")
        {
            return;
        }

        var (now, before) = (obj.Read<PersistentVolumeClaim>(), old.Read<PersistentVolumeClaim>());
        Validate(now.Spec, errors);
        var munged = now.Spec with
        {
            VolumeName = before.Spec.VolumeName.Length == 0 ? before.Spec.VolumeName : now.Spec.VolumeName,
            StorageClassName = before.Spec.StorageClassName ?? (before.Status.Phase == "Pending" ? null : now.Spec.StorageClassName),
            Resources = now.Spec.Resources with { Requests = before.Spec.Resources.Requests },
            VolumeAttributesClassName = before.Spec.VolumeAttributesClassName,
        };
        if (before.Spec.StorageClassName is not null)
        {
            munged = munged with { StorageClassName = now.Spec.StorageClassName };
        }

        if (munged != before.Spec)
        {
            errors.Forbidden("spec", "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims");
        }

        if (now.Spec.Resources.Requests.TryGetValue("storage", out var size) && before.Spec.Resources.Requests.TryGetValue("storage", out var oldSize) && size < oldSize
            && (!before.Status.Capacity.TryGetValue("storage", out var capacity) || size < capacity))
        {
            errors.Forbidden("spec.resources.requests.storage", "field can not be less than status.capacity");
        }
    }

    private static void Validate(PersistentVolumeClaimSpec spec, FieldErrors errors)
    {
        AccessModes.Validate(spec.AccessModes, "at least 1 access mode is required", errors);
        errors.Selector("spec.selector", spec.Selector);
        if (!spec.Resources.Requests.TryGetValue("storage", out var size))
        {
            errors.Required("spec.resources[storage]", "");
        }
        else if (size.Sign <= 0)
        {
            errors.Invalid("spec.resources[storage]", size, "must be greater than zero");
        }

        if (spec.StorageClassName is { Length: > 0 } name)
        {
            errors.Names("spec.storageClassName", name, NameValidation.Dns1123Subdomain(name));
        }

        errors.OneOfOrEmpty("spec.volumeMode", spec.VolumeMode, "Block", "Filesystem");
    }
}

/// <summary>Access modes of volumes and claims.</summary>
internal static class AccessModes
{
    private static readonly string[] Known = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

    public static void Validate(IReadOnlyList<string> modes, string missing, FieldErrors errors)
    {
        if (modes.Count == 0)
        {
            errors.Required("spec.accessModes", missing);
        }

        foreach (var mode in modes.Where(m => !Known.Contains(m)))
        {
            errors.NotSupported("spec.accessModes", mode, Known);
        }

        if (modes.Contains("ReadWriteOncePod") && modes.Count > 1)
        {
            errors.Forbidden("spec.accessModes", "may not use ReadWriteOncePod with other access modes");
        }
    }
}

/// <summary>Storage classes.</summary>
internal sealed class StorageClassStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => ("storage.k8s.io", "storageclasses");

    public override void ApplyDefaults(JsonObject obj)
    {
        obj.Default("reclaimPolicy", "Delete");
        obj.Default("volumeBindingMode", "Immediate");
    }

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var item = obj.Read<StorageClass>();
        errors.RequiredName("provisioner", item.Provisioner, p => NameValidation.QualifiedName(p.ToLowerInvariant()));
        foreach (var key in item.Parameters.Keys.Where(k => k.Length == 0))
        {
            errors.Invalid("parameters", key, "field can not be empty.");
        }

        errors.OneOfOrEmpty("reclaimPolicy", item.ReclaimPolicy, "Delete", "Retain");
        errors.OneOf("volumeBindingMode", item.VolumeBindingMode ?? "", "Immediate", "WaitForFirstConsumer");
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        Validate(obj, errors);
        var (now, before) = (obj.Read<StorageClass>(), old.Read<StorageClass>());
        if (now with { Parameters = before.Parameters } != now)
        {
            errors.Forbidden("parameters", "updates to parameters are forbidden.");
        }

        if (now.Provisioner != before.Provisioner)
        {
            errors.Forbidden("provisioner", "updates to provisioner are forbidden.");
        }

        if (now.ReclaimPolicy != before.ReclaimPolicy)
        {
            errors.Forbidden("reclaimPolicy", "updates to reclaimPolicy are forbidden.");
        }

        errors.Same("volumeBindingMode", now.VolumeBindingMode, before.VolumeBindingMode);
    }
}
