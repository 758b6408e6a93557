using Kobune.Api.Core.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>Validation of environment variables (upstream's ValidateEnv and ValidateEnvFrom).</summary>
internal static class EnvValidation
{
    private static readonly string[] FieldPaths =
        ["metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"];

    // What a path may be at all, wherever it is used (upstream's ConvertDownwardAPIFieldLabel).
    private static readonly string[] Labels =
        [.. FieldPaths, "metadata.annotations", "metadata.labels", "spec.restartPolicy", "spec.schedulerName", "status.phase", "spec.host"];

    private static readonly string[] Resources =
        ["limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"];

    private static readonly string[] ByteDivisors = ["1", "1E", "1Ei", "1G", "1Gi", "1k", "1Ki", "1M", "1Mi", "1P", "1Pi", "1T", "1Ti"];

    public static void Validate(IReadOnlyList<EnvVar> variables, IReadOnlyList<EnvFromSource> sources, string path, ContainerScope scope, FieldErrors errors)
    {
        for (var i = 0; i < variables.Count; i++)
        {
            var at = $"{path}.env[{i}]";
            errors.RequiredName(at + ".name", variables[i].Name, NameOf(scope, errors));
            Source(variables[i], at + ".valueFrom", scope, errors);
        }

        for (var i = 0; i < sources.Count; i++)
        {
            Source(sources[i], path + ".envFrom", i, NameOf(scope, errors), errors);
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

        if (selector.APIVersion != "v1")
        {
            errors.Invalid(path + ".fieldPath", selector.FieldPath, $"error converting fieldPath: unsupported pod version: {selector.APIVersion}");
        }
        else if (Subscripted(selector.FieldPath) is var (name, key) && name.Length > 0)
        {
            if (name is "metadata.annotations" or "metadata.labels")
            {
                key = name == "metadata.annotations" ? key.ToLowerInvariant() : key;
                errors.Names(path, key, NameValidation.QualifiedName(key));
            }
            else
            {
                errors.Invalid(path + ".fieldPath", selector.FieldPath, $"error converting fieldPath: field label does not support subscript: {selector.FieldPath}");
            }
        }
        else if (!Labels.Contains(selector.FieldPath))
        {
            errors.Invalid(path + ".fieldPath", selector.FieldPath, $"error converting fieldPath: field label not supported: {selector.FieldPath}");
        }
        else if ((selector.FieldPath == "spec.host" ? "spec.nodeName" : selector.FieldPath) is var field && !supported.Contains(field))
        {
            errors.NotSupported(path + ".fieldPath", field, supported); // the old name of a field means the new one
        }
    }

    // "metadata.labels['x']" as its name and key (upstream's SplitMaybeSubscriptedPath).
    private static (string Name, string Key) Subscripted(string path)
    {
        var at = path.IndexOf("['", StringComparison.Ordinal);
        return at > 0 && path.EndsWith("']", StringComparison.Ordinal) ? (path[..at], path[(at + 2)..^2]) : ("", "");
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
        else if (!Resources.Contains(selector.Resource) && !IsHugePages(selector.Resource))
        {
            errors.NotSupported(path + ".resource", selector.Resource, Resources);
        }

        Divisor(selector, path, errors);
    }

    private static void Divisor(ResourceFieldSelector selector, string path, FieldErrors errors)
    {
        if (selector.Divisor.IsZero)
        {
            return;
        }

        const string bytes = "only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the ";
        var (allowed, problem) = selector.Resource switch
        {
            "limits.cpu" or "requests.cpu" => (["1m", "1"], "only divisor's values 1m and 1 are supported with the cpu resource"),
            "limits.memory" or "requests.memory" => (ByteDivisors, bytes + "memory resource"),
            "limits.ephemeral-storage" or "requests.ephemeral-storage" => (ByteDivisors, bytes + "local ephemeral storage resource"),
            var other when IsHugePages(other) => (ByteDivisors, bytes + "hugepages resource"),
            _ => ((string[])[selector.Divisor.ToString()], ""),
        };
        if (!allowed.Contains(selector.Divisor.ToString()))
        {
            errors.Invalid(path + ".divisor", selector.Resource, problem);
        }
    }

    private static bool IsHugePages(string resource) => resource.StartsWith("requests.hugepages-", StringComparison.Ordinal) || resource.StartsWith("limits.hugepages-", StringComparison.Ordinal);

    private static void Source(EnvVar variable, string path, ContainerScope scope, FieldErrors errors)
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

        if (source.FileKeyRef is { } file)
        {
            count++;
            FileKeyValidation.Validate(file, path + ".fileKeyRef", scope.Volumes, errors);
        }

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

    private static Func<string, IReadOnlyList<string>> NameOf(ContainerScope scope, FieldErrors errors) =>
        errors.Features.IsEnabled("RelaxedEnvironmentVariableValidation") || scope.Tolerance.LooseVariables ? NameValidation.EnvironmentVariableName : NameValidation.StrictEnvironmentVariableName;

    private static void Source(EnvFromSource source, string list, int index, Func<string, IReadOnlyList<string>> name, FieldErrors errors)
    {
        var path = $"{list}[{index}]";
        if (source.Prefix.Length > 0)
        {
            errors.Names(path + ".prefix", source.Prefix, name(source.Prefix));
        }

        if (source.ConfigMapRef is { } map)
        {
            errors.RequiredName(path + ".configMapRef.name", map.Name, NameValidation.Dns1123Subdomain);
        }

        if (source.SecretRef is { } secret)
        {
            errors.RequiredName(path + ".secretRef.name", secret.Name, NameValidation.Dns1123Subdomain);
        }

        // Upstream's path of these two is the whole list's.
        if (source.ConfigMapRef is null && source.SecretRef is null)
        {
            errors.Invalid(list, "", "must specify one of: `configMapRef` or `secretRef`");
        }
        else if (source.ConfigMapRef is not null && source.SecretRef is not null)
        {
            errors.Invalid(list, "", "may not have more than one field specified at a time");
        }
    }

    private static void Key(string name, string key, string path, FieldErrors errors)
    {
        errors.Names(path + ".name", name, NameValidation.Dns1123Subdomain(name));
        errors.RequiredName(path + ".key", key, NameValidation.ConfigMapKey);
    }
}
