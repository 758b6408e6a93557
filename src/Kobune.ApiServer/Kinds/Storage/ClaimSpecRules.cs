using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Storage;

/// <summary>A claim's spec, in claims and in templates of them (upstream's ValidatePersistentVolumeClaimSpec).</summary>
internal static class ClaimSpecRules
{
    /// <summary>A selector that was wrong in <paramref name="old"/> may have any values, and where a group was told nobody looks at its name.</summary>
    public static void Validate(PersistentVolumeClaimSpec spec, PersistentVolumeClaimSpec? old, string path, FieldErrors errors)
    {
        if (spec.AccessModes.Count == 0)
        {
            errors.Required(path + ".accessModes", "at least 1 access mode is required");
        }

        errors.Selector(path + ".selector", spec.Selector, IsWrong(old?.Selector));
        AccessModes.Validate(spec.AccessModes, path + ".accessModes", errors);
        if (!spec.Resources.Requests.TryGetValue("storage", out var size))
        {
            errors.Required(path + ".resources[storage]", "");
        }
        else if (size.Sign <= 0)
        {
            errors.Invalid(path + ".resources[storage]", size, "must be greater than zero");
        }

        ClassName(spec.StorageClassName, path + ".storageClassName", errors);
        if (spec.VolumeMode is not (null or "Block" or "Filesystem"))
        {
            errors.NotSupported(path + ".volumeMode", spec.VolumeMode, ["Block", "Filesystem"]);
        }

        Sources(spec, old?.DataSource?.APIGroup is not null || old?.DataSourceRef?.APIGroup is not null, path, errors);
        ClassName(spec.VolumeAttributesClassName, path + ".volumeAttributesClassName", errors);
    }

    private static bool IsWrong(LabelSelector? selector)
    {
        var errors = new FieldErrors();
        errors.Selector("", selector);
        return errors.Items.Count > 0;
    }

    private static void ClassName(string? name, string path, FieldErrors errors)
    {
        if (name is { Length: > 0 })
        {
            errors.Names(path, name, NameValidation.Dns1123Subdomain(name));
        }
    }

    // What the volume is filled with is told in two fields, which must say the same.
    private static void Sources(PersistentVolumeClaimSpec spec, bool anyGroup, string path, FieldErrors errors)
    {
        if (spec.DataSource is { } local)
        {
            Source(local.APIGroup, local.Kind, local.Name, path + ".dataSource", anyGroup, errors);
        }

        if (spec.DataSourceRef is { } far)
        {
            Source(far.APIGroup, far.Kind, far.Name, path + ".dataSourceRef", anyGroup, errors);
            if (far.Namespace is { Length: > 0 } home)
            {
                errors.Names(path + ".dataSourceRef.namespace", home, NameValidation.Dns1123Label(home));
            }
        }

        if (spec.DataSource is not { } one || spec.DataSourceRef is not { } other)
        {
            return;
        }

        // Upstream shows the path of the other field as the value.
        if (other.Namespace is { Length: > 0 })
        {
            errors.Invalid(path, path + ".dataSource", "may not be specified when dataSourceRef.namespace is specified");
        }
        else if (one.APIGroup != other.APIGroup || one.Kind != other.Kind || one.Name != other.Name)
        {
            errors.Invalid(path, path + ".dataSource", "must match dataSourceRef");
        }
    }

    private static void Source(string? group, string kind, string name, string path, bool anyGroup, FieldErrors errors)
    {
        errors.RequiredName(path + ".name", name);
        errors.RequiredName(path + ".kind", kind);
        if (string.IsNullOrEmpty(group))
        {
            if (kind != "PersistentVolumeClaim")
            {
                errors.Invalid(path, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
            }
        }
        else if (!anyGroup)
        {
            errors.Names(path + ".apiGroup", group, NameValidation.Dns1123Subdomain(group));
        }
    }
}
