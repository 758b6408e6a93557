using Kobune.Api.Core.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>Validation of one container (upstream's validateContainerCommon and its callers).</summary>
internal static class ContainerValidation
{
    public static void Validate(Container container, string path, ContainerScope scope, FieldErrors errors)
    {
        errors.RequiredName(path + ".name", container.Name, NameValidation.Dns1123Label);
        if (container.Image.Length == 0)
        {
            errors.Required(path + ".image", "");
        }
        else if (container.Image.Trim().Length != container.Image.Length)
        {
            errors.Invalid(path + ".image", container.Image, "must not have leading or trailing whitespace");
        }

        errors.OneOf(path + ".terminationMessagePolicy", container.TerminationMessagePolicy, "File", "FallbackToLogsOnError");
        Ports(container.Ports, path + ".ports", scope.HostNetwork, errors);
        EnvValidation.Validate(container.Env, container.EnvFrom, path, errors);
        Mounts(container, path, scope, errors);
        errors.OneOf(path + ".imagePullPolicy", container.ImagePullPolicy, "Always", "IfNotPresent", "Never");
        ResourceValidation.Validate(container.Resources, path + ".resources", errors);
        ResourceValidation.ResizePolicies(container.ResizePolicy, path + ".resizePolicy", scope.RestartPolicy, errors);
        SecurityContext(container.SecurityContext, path + ".securityContext", errors);
        if (container.Lifecycle is { } lifecycle)
        {
            HandlerValidation.Validate(lifecycle.PostStart, path + ".lifecycle.postStart", errors);
            HandlerValidation.Validate(lifecycle.PreStop, path + ".lifecycle.preStop", errors);
        }

        HandlerValidation.Validate(container.LivenessProbe, path + ".livenessProbe", mustSucceedOnce: true, errors);
        HandlerValidation.Validate(container.ReadinessProbe, path + ".readinessProbe", mustSucceedOnce: false, errors);
        HandlerValidation.Validate(container.StartupProbe, path + ".startupProbe", mustSucceedOnce: true, errors);
        if (container.ReadinessProbe?.TerminationGracePeriodSeconds is { } grace)
        {
            errors.Invalid(path + ".readinessProbe.terminationGracePeriodSeconds", grace, "must not be set for readinessProbes");
        }
    }

    /// <summary>What only sidecars (init containers that run on) may have.</summary>
    public static void ValidateInit(Container container, string path, FieldErrors errors)
    {
        if (container.RestartPolicy is { } policy)
        {
            if (policy is not ("Always" or "OnFailure" or "Never"))
            {
                errors.NotSupported(path + ".restartPolicy", policy, ["Always", "Never", "OnFailure"]);
            }

            if (policy == "Always")
            {
                return;
            }
        }

        Forbid(container.Lifecycle is not null, "lifecycle");
        Forbid(container.LivenessProbe is not null, "livenessProbe");
        Forbid(container.ReadinessProbe is not null, "readinessProbe");
        Forbid(container.StartupProbe is not null, "startupProbe");

        void Forbid(bool isSet, string name)
        {
            if (isSet)
            {
                errors.Forbidden($"{path}.{name}", "may not be set for init containers without restartPolicy=Always");
            }
        }
    }

    public static void Seccomp(SeccompProfile? profile, string path, FieldErrors errors)
    {
        if (profile is null)
        {
            return;
        }

        errors.OneOf(path + ".type", profile.Type, "Localhost", "RuntimeDefault", "Unconfined");
        if (profile.Type == "Localhost" && string.IsNullOrEmpty(profile.LocalhostProfile))
        {
            errors.Required(path + ".localhostProfile", "must be set when seccomp type is Localhost");
        }
        else if (profile.Type != "Localhost" && profile.LocalhostProfile is not null)
        {
            errors.Invalid(path + ".localhostProfile", profile.LocalhostProfile, "can only be set when seccomp type is Localhost");
        }
    }

    private static void Ports(IReadOnlyList<ContainerPort> ports, string path, bool hostNetwork, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < ports.Count; i++)
        {
            var (port, at) = (ports[i], $"{path}[{i}]");
            if (port.Name.Length > 0)
            {
                var problems = NameValidation.PortName(port.Name);
                errors.Names(at + ".name", port.Name, problems);
                if (problems.Count == 0 && !names.Add(port.Name))
                {
                    errors.Duplicate(at + ".name", port.Name);
                }
            }

            if (port.ContainerPortValue == 0)
            {
                errors.Required(at + ".containerPort", "");
            }
            else
            {
                errors.Port(at + ".containerPort", port.ContainerPortValue);
            }

            if (port.HostPort != 0)
            {
                errors.Port(at + ".hostPort", port.HostPort);
            }

            if (hostNetwork && port.HostPort != port.ContainerPortValue)
            {
                errors.Invalid(at + ".containerPort", port.ContainerPortValue, "must match `hostPort` when `hostNetwork` is true");
            }

            errors.OneOf(at + ".protocol", port.Protocol, "SCTP", "TCP", "UDP");
        }
    }

    private static void Mounts(Container container, string path, ContainerScope scope, FieldErrors errors)
    {
        var places = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < container.VolumeMounts.Count; i++)
        {
            var (mount, at) = (container.VolumeMounts[i], $"{path}.volumeMounts[{i}]");
            if (mount.Name.Length == 0)
            {
                errors.Required(at + ".name", "");
            }

            if (!scope.Volumes.Contains(mount.Name))
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

            SubPath(at + ".subPath", mount.SubPath, errors);
            if (mount.SubPathExpr.Length > 0)
            {
                if (mount.SubPath.Length > 0)
                {
                    errors.Invalid(at + ".subPathExpr", mount.SubPathExpr, "subPathExpr and subPath are mutually exclusive");
                }

                SubPath(at + ".subPathExpr", mount.SubPathExpr, errors);
            }

            errors.OneOfOrEmpty(at + ".mountPropagation", mount.MountPropagation, "Bidirectional", "HostToContainer", "None");
        }

        for (var i = 0; i < container.VolumeDevices.Count; i++)
        {
            var (device, at) = (container.VolumeDevices[i], $"{path}.volumeDevices[{i}]");
            errors.RequiredName(at + ".name", device.Name);
            if (device.Name.Length > 0 && !scope.Claims.Contains(device.Name))
            {
                errors.NotFound(at + ".name", device.Name);
            }

            errors.RequiredName(at + ".devicePath", device.DevicePath);
        }
    }

    private static void SubPath(string path, string value, FieldErrors errors)
    {
        if (value.StartsWith('/'))
        {
            errors.Invalid(path, value, "must be a relative path");
        }

        if (value.Split('/').Contains(".."))
        {
            errors.Invalid(path, value, "must not contain '..'");
        }
    }

    private static void SecurityContext(SecurityContext? context, string path, FieldErrors errors)
    {
        if (context is null)
        {
            return;
        }

        errors.Between(path + ".runAsUser", context.RunAsUser, 0, int.MaxValue);
        errors.Between(path + ".runAsGroup", context.RunAsGroup, 0, int.MaxValue);
        Seccomp(context.SeccompProfile, path + ".seccompProfile", errors);
        errors.OneOfOrEmpty(path + ".procMount", context.ProcMount, "Default", "Unmasked");
        if (context.AllowPrivilegeEscalation != false)
        {
            return;
        }

        if (context.Privileged == true)
        {
            errors.Invalid(path, context, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
        }

        if (context.Capabilities?.Add.Contains("CAP_SYS_ADMIN") == true)
        {
            errors.Invalid(path, context, "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
        }
    }
}
