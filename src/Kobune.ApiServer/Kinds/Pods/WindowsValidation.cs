using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>What windows pods may have, and what none of the other system may (upstream's validateOS, validateLinux, validateWindows and their options).</summary>
internal static partial class WindowsValidation
{
    private const int MaxCredentialSpecKiB = 64;
    private const int MaxDomain = 256;
    private const int MaxUser = 104;

    private static readonly SearchValues<char> NotInUsers = SearchValues.Create("\"/\\:;|=,+*?<>@[]");

    // What concerns the kernel of Linux. Source: validateWindows.
    private static readonly string[] PodContext =
        ["appArmorProfile", "seLinuxOptions", "seccompProfile", "fsGroup", "fsGroupChangePolicy", "sysctls", "runAsUser", "runAsGroup", "supplementalGroups", "supplementalGroupsPolicy", "seLinuxChangePolicy"];

    private static readonly string[] ContainerContext =
        ["appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities", "readOnlyRootFilesystem", "privileged", "allowPrivilegeEscalation", "procMount", "runAsUser", "runAsGroup"];

    /// <summary>The rules of the system that the pod names.</summary>
    public static void OperatingSystem(PodSpec spec, string path, FieldErrors errors)
    {
        switch (spec.OS?.Name)
        {
            case null:
                break;
            case "":
                errors.Required(path + ".os.name", "cannot be empty");
                break;
            case "linux":
                Linux(spec, path, errors);
                break;
            case "windows":
                Windows(spec, path, errors);
                break;
            default:
                errors.NotSupported(path + ".os", spec.OS.Name, ["linux", "windows"]);
                break;
        }
    }

    /// <summary>Containers that are processes of the host: all of them or none, and in its network (upstream's validateWindowsHostProcessPod).</summary>
    public static void HostProcesses(PodSpec spec, string path, FieldErrors errors)
    {
        var ofPod = spec.SecurityContext?.WindowsOptions?.HostProcess;
        var (count, hosted) = (0, 0);
        foreach (var (at, context) in Contexts(spec, path))
        {
            count++;
            var own = context?.WindowsOptions?.HostProcess;
            if (ofPod is not null && own is not null && ofPod != own)
            {
                errors.Invalid(at + ".securityContext.windowsOptions.hostProcess", own, $"pod hostProcess value must be identical if both are specified, was {(ofPod == true ? "true" : "false")}");
            }

            hosted += (own ?? ofPod) == true ? 1 : 0;
        }

        if (hosted > 0 && hosted != count)
        {
            errors.Invalid(path, "", "If pod contains any hostProcess containers then all containers must be HostProcess containers");
        }

        if (hosted > 0 && !spec.HostNetwork)
        {
            errors.Invalid(path + ".hostNetwork", false, "hostNetwork must be true if pod contains any hostProcess containers");
        }
    }

    public static void Options(WindowsSecurityContextOptions? options, string path, FieldErrors errors)
    {
        if (options?.GMSACredentialSpecName is { } name)
        {
            errors.Names(path + ".gmsaCredentialSpecName", name, Api.Validation.NameValidation.Dns1123Subdomain(name));
        }

        if (options?.GMSACredentialSpec is { } spec && (spec.Length == 0 || Encoding.UTF8.GetByteCount(spec) > MaxCredentialSpecKiB * 1024))
        {
            errors.Invalid(path + ".gmsaCredentialSpec", spec, spec.Length == 0 ? "gmsaCredentialSpec cannot be an empty string" : $"gmsaCredentialSpec size must be under {MaxCredentialSpecKiB} KiB");
        }

        if (options?.RunAsUserName is { } user)
        {
            foreach (var problem in UserName(user))
            {
                errors.Invalid(path + ".runAsUserName", user, "runAsUserName" + problem);
            }
        }
    }

    private static void Linux(PodSpec spec, string path, FieldErrors errors)
    {
        const string no = "windows options cannot be set for a linux pod";
        if (spec.SecurityContext?.WindowsOptions is not null)
        {
            errors.Forbidden(path + ".securityContext.windowsOptions", no);
        }

        foreach (var (at, context) in Contexts(spec, path))
        {
            if (context?.WindowsOptions is not null)
            {
                errors.Forbidden(at + ".securityContext.windowsOptions", no);
            }
        }
    }

    private static void Windows(PodSpec spec, string path, FieldErrors errors)
    {
        Forbid(spec.HostUsers is not null, path + ".hostUsers");
        Forbid(spec.HostPID, path + ".hostPID");
        Forbid(spec.HostIPC, path + ".hostIPC");
        Forbid(spec.ShareProcessNamespace is not null, path + ".shareProcessNamespace");
        var ofPod = spec.SecurityContext?.ToTree();
        foreach (var field in PodContext)
        {
            Forbid(ofPod.Has(field), $"{path}.securityContext.{field}");
        }

        foreach (var (at, context) in Contexts(spec, path))
        {
            var ofContainer = context?.ToTree();
            foreach (var field in ContainerContext)
            {
                Forbid(ofContainer.Has(field), $"{at}.securityContext.{field}");
            }
        }

        void Forbid(bool isSet, string at)
        {
            if (isSet)
            {
                errors.Forbidden(at, "cannot be set for a windows pod");
            }
        }
    }

    private static IEnumerable<(string Path, SecurityContext? Context)> Contexts(PodSpec spec, string path) => PodContainers.All(spec, path).Select(c => (c.Path, c.Container.SecurityContext));

    private static IEnumerable<string> UserName(string name)
    {
        if (name.Length == 0)
        {
            return [" cannot be an empty string"];
        }

        if (name.Any(char.IsControl))
        {
            return [" cannot contain control characters"];
        }

        var parts = name.Split('\\');
        return parts.Length > 2 ? [" cannot contain more than one backslash"] : Parts(parts.Length == 2 ? parts[0] : null, parts[^1]);
    }

    private static IEnumerable<string> Parts(string? domain, string user)
    {
        if (domain?.Length >= MaxDomain)
        {
            yield return $"'s Domain length must be under {MaxDomain} characters";
        }

        if (domain is not null && !NetBios().IsMatch(domain) && !Dns().IsMatch(domain))
        {
            yield return "'s Domain doesn't match the NetBios nor the DNS format";
        }

        if (user.Length == 0)
        {
            yield return "'s User cannot be empty";
        }
        else if (user.Length > MaxUser)
        {
            yield return $"'s User length must not be longer than {MaxUser} characters";
        }

        if (user.Length > 0 && user.All(c => c is '.' or ' '))
        {
            yield return "'s User cannot contain only periods or spaces";
        }

        if (user.AsSpan().IndexOfAny(NotInUsers) >= 0)
        {
            yield return "'s User cannot contain the following characters: \"/\\:;|=,+*?<>@[]";
        }
    }

    [GeneratedRegex("""^[^\\/:\*\?"<>|\.][^\\/:\*\?"<>|]{0,14}\z""", RegexOptions.CultureInvariant)]
    private static partial Regex NetBios();

    [GeneratedRegex(@"^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Dns();
}
