using Kobune.Api.Core.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>Validation of the security contexts of pods and containers (upstream's validatePodSpecSecurityContext and ValidateSecurityContext).</summary>
internal static class SecurityContextValidation
{
    private const int MaxProfilePath = 4095; // PATH_MAX - 1

    public static void Pod(PodSpec spec, string path, bool hostSysctls, FieldErrors errors)
    {
        if (spec.ShareProcessNamespace == true && spec.HostPID)
        {
            errors.Invalid(path + ".securityContext.shareProcessNamespace", true, "ShareProcessNamespace and HostPID cannot both be enabled");
        }

        if (spec.SecurityContext is not { } context)
        {
            return;
        }

        path += ".securityContext";
        errors.Between(path + ".fsGroup", context.FSGroup, 0, int.MaxValue);
        errors.Between(path + ".runAsUser", context.RunAsUser, 0, int.MaxValue);
        errors.Between(path + ".runAsGroup", context.RunAsGroup, 0, int.MaxValue);
        for (var i = 0; i < context.SupplementalGroups.Count; i++)
        {
            errors.Between($"{path}.supplementalGroups[{i}]", context.SupplementalGroups[i], 0, int.MaxValue);
        }

        SysctlValidation.Validate(context.Sysctls, path + ".sysctls", hostSysctls ? null : spec, errors);
        OneOf(path + ".fsGroupChangePolicy", context.FSGroupChangePolicy, "Always", "OnRootMismatch");
        Seccomp(context.SeccompProfile, path + ".seccompProfile", errors);
        WindowsValidation.Options(context.WindowsOptions, path + ".windowsOptions", errors);
        AppArmor(context.AppArmorProfile, path + ".appArmorProfile", errors);
        OneOf(path + ".supplementalGroupsPolicy", context.SupplementalGroupsPolicy, "Merge", "Strict");
        OneOf(path + ".seLinuxChangePolicy", context.SELinuxChangePolicy, "MountOption", "Recursive");

        void OneOf(string at, string? value, params string[] supported)
        {
            if (value is not null && !supported.Contains(value))
            {
                errors.NotSupported(at, value, supported);
            }
        }
    }

    public static void Container(SecurityContext? context, bool hostUsers, string path, FieldErrors errors)
    {
        if (context is null)
        {
            return;
        }

        errors.Between(path + ".runAsUser", context.RunAsUser, 0, int.MaxValue);
        errors.Between(path + ".runAsGroup", context.RunAsGroup, 0, int.MaxValue);
        if (context.ProcMount is { } proc)
        {
            if (proc is not ("Default" or "Unmasked"))
            {
                errors.NotSupported(path + ".procMount", proc, ["Default", "Unmasked"]);
            }

            if (hostUsers && proc == "Unmasked")
            {
                errors.Invalid(path + ".procMount", proc, "`hostUsers` must be false to use `Unmasked`");
            }
        }

        Seccomp(context.SeccompProfile, path + ".seccompProfile", errors);
        Escalation(context, path, errors);
        WindowsValidation.Options(context.WindowsOptions, path + ".windowsOptions", errors);
        AppArmor(context.AppArmorProfile, path + ".appArmorProfile", errors);
    }

    private static void Escalation(SecurityContext context, string path, FieldErrors errors)
    {
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

    private static void Seccomp(SeccompProfile? profile, string path, FieldErrors errors)
    {
        if (profile is null)
        {
            return;
        }

        if (profile.Type.Length == 0)
        {
            errors.Required(path + ".type", "type is required when seccompProfile is set");
        }
        else if (profile.Type is not ("Localhost" or "RuntimeDefault" or "Unconfined"))
        {
            errors.NotSupported(path + ".type", profile.Type, ["Localhost", "RuntimeDefault", "Unconfined"]);
        }

        path += ".localhostProfile";
        if (profile.Type != "Localhost")
        {
            if (profile.LocalhostProfile is not null)
            {
                errors.Invalid(path, profile, "can only be set when seccomp type is Localhost");
            }
        }
        else if (profile.LocalhostProfile is { } local)
        {
            PathRules.Descending(local, path, errors);
        }
        else
        {
            errors.Required(path, "must be set when seccomp type is Localhost");
        }
    }

    private static void AppArmor(AppArmorProfile? profile, string path, FieldErrors errors)
    {
        switch (profile?.Type)
        {
            case null:
                break;
            case "Localhost":
                LocalProfile(profile.LocalhostProfile, path + ".localhostProfile", errors);
                break;
            case "RuntimeDefault" or "Unconfined":
                if (profile.LocalhostProfile is not null)
                {
                    errors.Invalid(path + ".localhostProfile", profile.LocalhostProfile, "can only be set when AppArmor type is Localhost");
                }

                break;
            case "":
                errors.Required(path + ".type", "type is required when appArmorProfile is set");
                break;
            default:
                errors.NotSupported(path + ".type", profile.Type, ["Localhost", "RuntimeDefault", "Unconfined"]);
                break;
        }
    }

    private static void LocalProfile(string? profile, string path, FieldErrors errors)
    {
        if (profile is null || profile.Length == 0)
        {
            errors.Required(path, "must be set when AppArmor type is Localhost");
            return;
        }

        if (profile.Trim() != profile)
        {
            errors.Invalid(path, profile, "must not be padded with whitespace");
        }

        if (System.Text.Encoding.UTF8.GetByteCount(profile) > MaxProfilePath)
        {
            errors.TooLong(path, MaxProfilePath);
        }
    }
}
