using Kobune.Api.Core.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>Validation of ephemeral containers: they have nothing that a pod could rely on (upstream's validateEphemeralContainers).</summary>
internal static class EphemeralValidation
{
    private const string CannotBeSet = "cannot be set for an Ephemeral Container";

    public static void Validate(PodSpec spec, string path, ContainerScope scope, FieldErrors errors)
    {
        var others = spec.Containers.Concat(spec.InitContainers).Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        var names = new HashSet<string>(others, StringComparer.Ordinal);
        for (var i = 0; i < spec.EphemeralContainers.Count; i++)
        {
            var (ephemeral, at) = (spec.EphemeralContainers[i], $"{path}[{i}]");
            var container = PodContainers.AsContainer(ephemeral);
            ContainerValidation.Common(container, at, scope with { IsPod = true }, errors);
            if (!names.Add(container.Name))
            {
                errors.Duplicate(at + ".name", container.Name);
            }

            if (ephemeral.TargetContainerName.Length > 0 && !others.Contains(ephemeral.TargetContainerName))
            {
                errors.NotFound(at + ".targetContainerName", ephemeral.TargetContainerName);
            }

            Fields(container, at, errors);
            for (var j = 0; j < container.VolumeMounts.Count; j++)
            {
                Forbid(container.VolumeMounts[j].SubPath.Length > 0, $"{at}.volumeMounts[{j}].subPath", errors);
                Forbid(container.VolumeMounts[j].SubPathExpr.Length > 0, $"{at}.volumeMounts[{j}].subPathExpr", errors);
            }
        }
    }

    private static void Fields(Container container, string path, FieldErrors errors)
    {
        Forbid(container.Ports.Count > 0, path + ".ports", errors);
        Forbid(container.Resources.Limits.Count > 0 || container.Resources.Requests.Count > 0 || container.Resources.Claims.Count > 0, path + ".resources", errors);
        Forbid(container.ResizePolicy.Count > 0, path + ".resizePolicy", errors);
        Forbid(container.RestartPolicy is not null, path + ".restartPolicy", errors);
        Forbid(container.RestartPolicyRules.Count > 0, path + ".restartPolicyRules", errors);
        Forbid(container.LivenessProbe is not null, path + ".livenessProbe", errors);
        Forbid(container.ReadinessProbe is not null, path + ".readinessProbe", errors);
        Forbid(container.StartupProbe is not null, path + ".startupProbe", errors);
        Forbid(container.Lifecycle is not null, path + ".lifecycle", errors);
    }

    private static void Forbid(bool isSet, string path, FieldErrors errors)
    {
        if (isSet)
        {
            errors.Forbidden(path, CannotBeSet);
        }
    }
}
