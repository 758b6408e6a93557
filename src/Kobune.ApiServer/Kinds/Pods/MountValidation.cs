using Kobune.Api.Core.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>What a container mounts, and the block devices that it gets (upstream's ValidateVolumeMounts and ValidateVolumeDevices).</summary>
internal static class MountValidation
{
    public static void Validate(Container container, string path, ContainerScope scope, FieldErrors errors)
    {
        var places = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < container.VolumeMounts.Count; i++)
        {
            var (mount, at) = (container.VolumeMounts[i], $"{path}.volumeMounts[{i}]");
            Names(mount, at, scope, places, errors);
            Overlap(mount, container.VolumeDevices, at, errors);
            Image(mount, scope, at, errors);
            Options(container, mount, path + ".volumeMounts", at, errors); // upstream's paths of these lack the index
        }

        Devices(container, path + ".volumeDevices", scope, errors);
    }

    private static void Names(VolumeMount mount, string at, ContainerScope scope, HashSet<string> places, FieldErrors errors)
    {
        if (mount.Name.Length == 0)
        {
            errors.Required(at + ".name", "");
        }

        if (!scope.Volumes.ContainsKey(mount.Name))
        {
            errors.NotFound(at + ".name", mount.Name);
        }

        if (mount.MountPath.Length == 0)
        {
            errors.Required(at + ".mountPath", "");
        }

        if (!places.Add(mount.MountPath))
        {
            errors.Invalid(at + ".mountPath", mount.MountPath, "must be unique");
        }
    }

    private static void Overlap(VolumeMount mount, IReadOnlyList<VolumeDevice> devices, string at, FieldErrors errors)
    {
        if (devices.Any(d => d.Name == mount.Name))
        {
            errors.Invalid(at + ".name", mount.Name, "must not already exist in volumeDevices");
        }

        if (devices.Any(d => d.DevicePath == mount.MountPath))
        {
            errors.Invalid(at + ".mountPath", mount.MountPath, "must not already exist as a path in volumeDevices");
        }
    }

    // A part of an image could be mounted since 1.33 (ImageVolume).
    private static void Image(VolumeMount mount, ContainerScope scope, string at, FieldErrors errors)
    {
        if (errors.Features.Version.Minor >= 33 || scope.Volumes.GetValueOrDefault(mount.Name)?.Image is null)
        {
            return;
        }

        if (mount.SubPath.Length > 0)
        {
            errors.Invalid(at + ".subPath", mount.SubPath, "not allowed in image volume sources");
        }

        if (mount.SubPathExpr.Length > 0)
        {
            errors.Invalid(at + ".subPathExpr", mount.SubPathExpr, "not allowed in image volume sources");
        }
    }

    private static void Options(Container container, VolumeMount mount, string path, string at, FieldErrors errors)
    {
        if (mount.SubPath.Length > 0)
        {
            PathRules.Descending(mount.SubPath, path + ".subPath", errors);
        }

        if (mount.SubPathExpr.Length > 0)
        {
            if (mount.SubPath.Length > 0)
            {
                errors.Invalid(at + ".subPathExpr", mount.SubPathExpr, "subPathExpr and subPath are mutually exclusive");
            }

            PathRules.Descending(mount.SubPathExpr, path + ".subPathExpr", errors);
        }

        if (mount.MountPropagation is { } propagation)
        {
            if (propagation is not ("Bidirectional" or "HostToContainer" or "None"))
            {
                errors.NotSupported(path + ".mountPropagation", propagation, ["Bidirectional", "HostToContainer", "None"]);
            }
            else if (propagation == "Bidirectional" && container.SecurityContext?.Privileged != true)
            {
                errors.Forbidden(path + ".mountPropagation", "Bidirectional mount propagation is available only to privileged containers");
            }
        }

        ReadOnly(mount, path + ".recursiveReadOnly", errors);
    }

    private static void ReadOnly(VolumeMount mount, string path, FieldErrors errors)
    {
        switch (mount.RecursiveReadOnly)
        {
            case null or "Disabled":
                break;
            case "Enabled" or "IfPossible":
                if (!mount.ReadOnly)
                {
                    errors.Forbidden(path, "may only be specified when readOnly is true");
                }

                if (mount.MountPropagation is not (null or "None"))
                {
                    errors.Forbidden(path, "may only be specified when mountPropagation is None or not specified");
                }

                break;
            default:
                errors.NotSupported(path, mount.RecursiveReadOnly, ["Disabled", "Enabled", "IfPossible"]);
                break;
        }
    }

    private static void Devices(Container container, string path, ContainerScope scope, FieldErrors errors)
    {
        var (names, paths) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        for (var i = 0; i < container.VolumeDevices.Count; i++)
        {
            var (device, at) = (container.VolumeDevices[i], $"{path}[{i}]");
            errors.RequiredName(at + ".name", device.Name);
            if (device.Name.Length > 0 && !names.Add(device.Name))
            {
                errors.Invalid(at + ".name", device.Name, "must be unique");
            }

            if (!scope.Volumes.TryGetValue(device.Name, out var volume))
            {
                errors.NotFound(at + ".name", device.Name);
            }
            else if (volume.PersistentVolumeClaim is null && volume.Ephemeral is null)
            {
                errors.Invalid(at + ".name", device.Name, "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode");
            }

            DevicePath(device.DevicePath, at + ".devicePath", paths, errors);
            if (container.VolumeMounts.Any(m => m.Name == device.Name))
            {
                errors.Invalid(at + ".name", device.Name, "must not already exist in volumeMounts");
            }

            if (container.VolumeMounts.Any(m => m.MountPath == device.DevicePath))
            {
                errors.Invalid(at + ".devicePath", device.DevicePath, "must not already exist as a path in volumeMounts");
            }
        }
    }

    private static void DevicePath(string value, string path, HashSet<string> paths, FieldErrors errors)
    {
        errors.RequiredName(path, value);
        if (!paths.Add(value))
        {
            errors.Invalid(path, value, "must be unique");
        }

        if (PathRules.HasBacksteps(value))
        {
            errors.Invalid(path, value, "can not contain backsteps ('..')");
        }
    }
}
