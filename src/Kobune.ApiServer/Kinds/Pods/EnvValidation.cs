using Kobune.Api.Core.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>Validation of environment variables (upstream's ValidateEnv and ValidateEnvFrom).</summary>
internal static class EnvValidation
{
    private static readonly string[] FieldPaths =
        ["metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"];

    private static readonly string[] Resources =
        ["limits.cpu", "limits.memory", "limits.ephemeral-storage", "requests.cpu", "requests.memory", "requests.ephemeral-storage"];

    public static void Validate(IReadOnlyList<EnvVar> variables, IReadOnlyList<EnvFromSource> sources, string path, FieldErrors errors)
    {
        for (var i = 0; i < variables.Count; i++)
        {
            var at = $"{path}.env[{i}]";
            errors.RequiredName(at + ".name", variables[i].Name, NameOf(errors));
            Source(variables[i], at + ".valueFrom", errors);
        }

        for (var i = 0; i < sources.Count; i++)
        {
            Source(sources[i], $"{path}.envFrom[{i}]", errors);
        }
    }

    /// <summary>"metadata.labels['x']" or one of the plain paths.</summary>
    public static void FieldPath(ObjectFieldSelector selector, string path, IReadOnlyList<string> supported, FieldErrors errors)
    {
        if (selector.APIVersion.Length == 0)
        {
            errors.Required(path + ".apiVersion", "");
            return;
        }

        if (selector.FieldPath.Length == 0)
        {
            errors.Required(path + ".fieldPath", "");
            return;
        }

        if (selector.FieldPath.StartsWith("metadata.annotations['", StringComparison.Ordinal) || selector.FieldPath.StartsWith("metadata.labels['", StringComparison.Ordinal))
        {
            return;
        }

        if (!supported.Contains(selector.FieldPath))
        {
            errors.NotSupported(path + ".fieldPath", selector.FieldPath, supported);
        }
    }

    public static void ResourceField(ResourceFieldSelector selector, string path, bool isVolume, FieldErrors errors)
    {
        if (isVolume && selector.ContainerName.Length == 0)
        {
            errors.Required(path + ".containerName", "");
        }
        else if (selector.Resource.Length == 0)
        {
            errors.Required(path + ".resource", "");
        }
        else if (!Resources.Contains(selector.Resource) && !selector.Resource.Contains("hugepages-", StringComparison.Ordinal))
        {
            errors.NotSupported(path + ".resource", selector.Resource, Resources);
        }
    }

    private static void Source(EnvVar variable, string path, FieldErrors errors)
    {
        if (variable.ValueFrom is not { } source)
        {
            return;
        }

        var count = 0;
        if (source.FieldRef is { } field)
        {
            count++;
            FieldPath(field, path + ".fieldRef", FieldPaths, errors);
        }

        if (source.ResourceFieldRef is { } resource)
        {
            count++;
            ResourceField(resource, path + ".resourceFieldRef", isVolume: false, errors);
        }

        if (source.ConfigMapKeyRef is { } map)
        {
            count++;
            Key(map.Name, map.Key, path + ".configMapKeyRef", errors);
        }

        if (source.SecretKeyRef is { } secret)
        {
            count++;
            Key(secret.Name, secret.Key, path + ".secretKeyRef", errors);
        }

        count += source.FileKeyRef is null ? 0 : 1;
        if (count == 0)
        {
            errors.Invalid(path, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`");
        }
        else if (variable.Value.Length > 0)
        {
            errors.Invalid(path, "", "may not be specified when `value` is not empty");
        }
        else if (count > 1)
        {
            errors.Invalid(path, "", "may not have more than one field specified at a time");
        }
    }

    private static Func<string, IReadOnlyList<string>> NameOf(FieldErrors errors) =>
        errors.Features.IsEnabled("RelaxedEnvironmentVariableValidation") ? NameValidation.EnvironmentVariableName : NameValidation.StrictEnvironmentVariableName;

    private static void Source(EnvFromSource source, string path, FieldErrors errors)
    {
        if (source.Prefix.Length > 0)
        {
            errors.Names(path + ".prefix", source.Prefix, NameOf(errors)(source.Prefix));
        }

        if (source.ConfigMapRef is null && source.SecretRef is null)
        {
            errors.Invalid(path, "", "must specify one of: `configMapRef` or `secretRef`");
        }
        else if (source.ConfigMapRef is not null && source.SecretRef is not null)
        {
            errors.Invalid(path, "", "may not have more than one field specified at a time");
        }

        if (source.ConfigMapRef is { } map)
        {
            errors.RequiredName(path + ".configMapRef.name", map.Name, NameValidation.Dns1123Subdomain);
        }

        if (source.SecretRef is { } secret)
        {
            errors.RequiredName(path + ".secretRef.name", secret.Name, NameValidation.Dns1123Subdomain);
        }
    }

    private static void Key(string name, string key, string path, FieldErrors errors)
    {
        errors.RequiredName(path + ".name", name, NameValidation.Dns1123Subdomain);
        errors.RequiredName(path + ".key", key, NameValidation.ConfigMapKey);
    }
}
