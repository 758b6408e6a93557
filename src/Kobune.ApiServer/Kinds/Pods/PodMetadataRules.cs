using System.Globalization;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>Annotations of pods and templates that mean something (upstream's ValidatePodSpecificAnnotations and ValidatePodSpecificAnnotationUpdates).</summary>
internal static class PodMetadataRules
{
    public const string Mirror = "kubernetes.io/config.mirror";
    public const string AppArmor = "container.apparmor.security.beta.kubernetes.io/";
    public const string SeccompPod = "seccomp.security.alpha.kubernetes.io/pod";
    public const string SeccompContainer = "container.seccomp.security.alpha.kubernetes.io/";
    private const string DeletionCost = "controller.kubernetes.io/pod-deletion-cost";
    private const string Localhost = "localhost/";
    private const string MustMatch = "type in annotation and field must match";

    /// <summary>Whether the cost of deletion is told and is no number.</summary>
    public static bool HasWrongCost(IReadOnlyDictionary<string, string> annotations) => annotations.TryGetValue(DeletionCost, out var cost) && !IsCost(cost);

    /// <summary><paramref name="anyCost"/>: nobody looks at the cost of deletion.</summary>
    public static void Validate(ObjectMeta metadata, PodSpec spec, string path, bool anyCost, FieldErrors errors)
    {
        var annotations = metadata.Annotations;
        if (annotations.TryGetValue(Mirror, out var mirror) && spec.NodeName.Length == 0)
        {
            errors.Invalid($"{path}[{Mirror}]", mirror, "must set spec.nodeName if mirror pod annotation is set");
        }

        if (!anyCost && HasWrongCost(annotations))
        {
            errors.Invalid($"{path}[{DeletionCost}]", annotations[DeletionCost], "must be a 32bit integer");
        }

        foreach (var (key, value) in annotations.OrderBy(a => a.Key, StringComparer.Ordinal))
        {
            if (key == SeccompPod || key.StartsWith(SeccompContainer, StringComparison.Ordinal))
            {
                Seccomp(value, $"{path}.{key}", errors);
            }
            else if (key.StartsWith(AppArmor, StringComparison.Ordinal))
            {
                ArmoredContainer(key, value, spec, $"{path}[{key}]", errors);
            }
        }
    }

    /// <summary>Those that stay as they are.</summary>
    public static void ValidateUpdate(Pod pod, Pod old, FieldErrors errors)
    {
        var (now, before) = (pod.Metadata.Annotations, old.Metadata.Annotations);
        foreach (var key in now.Keys.Union(before.Keys).Order(StringComparer.Ordinal).Where(k => now.GetValueOrDefault(k) != before.GetValueOrDefault(k)))
        {
            var what = key == Mirror ? "mirror pod annotation" : key.StartsWith(AppArmor, StringComparison.Ordinal) ? "AppArmor annotations" : "";
            if (what.Length > 0)
            {
                errors.Forbidden($"metadata.annotations[{key}]", $"may not {(before.ContainsKey(key) ? "remove or update" : "add")} {what}");
            }
        }
    }

    /// <summary>Profiles that an old annotation and a field tell must be the same.</summary>
    public static void Profiles(IReadOnlyDictionary<string, string> annotations, PodSpec spec, string path, FieldErrors errors)
    {
        if (annotations.TryGetValue(SeccompPod, out var ofPod) && spec.SecurityContext?.SeccompProfile is { } podProfile)
        {
            Same(ofPod, podProfile.Type, podProfile.LocalhostProfile, path + ".securityContext.seccompProfile", "seccomp", ["runtime/default", "docker/default"], errors);
        }

        foreach (var (at, container) in PodContainers.All(spec, path))
        {
            if (annotations.TryGetValue(SeccompContainer + container.Name, out var seccomp) && container.SecurityContext?.SeccompProfile is { } own)
            {
                Same(seccomp, own.Type, own.LocalhostProfile, at + ".securityContext.seccompProfile", "seccomp", ["runtime/default", "docker/default"], errors);
            }

            var armor = container.SecurityContext?.AppArmorProfile ?? spec.SecurityContext?.AppArmorProfile;
            if (spec.OS?.Name != "windows" && armor is not null && annotations.TryGetValue(AppArmor + container.Name, out var told))
            {
                Same(told, armor.Type, armor.LocalhostProfile, at + ".securityContext.appArmorProfile", "apparmor", ["runtime/default"], errors);
            }
        }
    }

    private static void Same(string annotation, string type, string? local, string path, string what, string[] defaults, FieldErrors errors)
    {
        var matches = type switch
        {
            "Unconfined" => annotation == "unconfined",
            "RuntimeDefault" => defaults.Contains(annotation),
            "Localhost" => annotation.StartsWith(Localhost, StringComparison.Ordinal),
            _ => true,
        };
        if (!matches)
        {
            errors.Forbidden(path + ".type", $"{what} {MustMatch}");
        }
        else if (type == "Localhost" && annotation[Localhost.Length..] != local)
        {
            errors.Forbidden(path + ".localhostProfile", $"{what} profile in annotation and field must match");
        }
    }

    // As Go's ParseInt: no spaces, no plus before.
    private static bool IsCost(string text) =>
        text.Length > 0 && (text[0] == '-' || char.IsAsciiDigit(text[0])) && (text[0] != '0' || text.Length == 1) && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

    private static void Seccomp(string profile, string path, FieldErrors errors)
    {
        if (profile.StartsWith(Localhost, StringComparison.Ordinal))
        {
            PathRules.Descending(profile[Localhost.Length..], path, errors);
        }
        else if (profile is not ("runtime/default" or "docker/default" or "unconfined"))
        {
            errors.Invalid(path, profile, "must be a valid seccomp profile");
        }
    }

    private static void ArmoredContainer(string key, string profile, PodSpec spec, string path, FieldErrors errors)
    {
        var name = key[AppArmor.Length..];
        if (PodContainers.All(spec, "spec").All(c => c.Container.Name != name))
        {
            errors.Invalid(path, name, "container not found");
        }

        if (profile is not ("" or "runtime/default" or "unconfined") && !profile.StartsWith(Localhost, StringComparison.Ordinal))
        {
            errors.Invalid(path, profile, $"invalid AppArmor profile name: \"{profile}\"");
        }
    }
}
