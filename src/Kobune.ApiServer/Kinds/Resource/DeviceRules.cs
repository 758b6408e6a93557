using System.Globalization;
using System.Text;
using Kobune.Api.Resource.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;
using Kobune.Cel.Devices;

namespace Kobune.ApiServer.Kinds.Resource;

/// <summary>Rules that several kinds of resource.k8s.io share. Source: k8s.io/kubernetes, pkg/apis/resource/validation.</summary>
internal static class DeviceRules
{
    public const int Most = 32;
    private const int MaxParameters = 10 * 1024;
    private const int MaxName = 63 + 1 + 32; // a domain, a slash, an identifier

    public static string At(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");

    /// <summary>A list with a limit, whose items may have to differ.</summary>
    public static void List<T>(FieldErrors errors, string path, IReadOnlyList<T> items, int most, Action<string, T> check, Func<T, string>? key = null)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < items.Count; i++)
        {
            if (i == most)
            {
                errors.TooMany(path, items.Count, most);
                return;
            }

            if (key is not null && !seen.Add(key(items[i])))
            {
                errors.Duplicate(At(path, i), key(items[i]));
            }

            check(At(path, i), items[i]);
        }
    }

    public static void Label(FieldErrors errors, string path, string name) => errors.RequiredName(path, name, NameValidation.Dns1123Label);

    public static void Driver(FieldErrors errors, string path, string name) => errors.RequiredName(path, name, NameValidation.Dns1123Subdomain);

    public static void Pool(FieldErrors errors, string path, string name)
    {
        if (name.Length == 0)
        {
            errors.Required(path, "");
            return;
        }

        if (name.Length > 253)
        {
            errors.TooLong(path, 253);
        }

        foreach (var part in name.Split('/'))
        {
            errors.Names(path, part, NameValidation.Dns1123Subdomain(part));
        }
    }

    /// <summary>"model" or, where it must have one, with a domain: "example.com/model".</summary>
    public static void QualifiedName(FieldErrors errors, string path, string name, bool mustHaveDomain)
    {
        if (name.Length == 0)
        {
            errors.Required(path, mustHaveDomain ? "" : "name required");
            return;
        }

        var parts = name.Split('/');
        if (mustHaveDomain && parts.Length != 2)
        {
            errors.Invalid(path, name, "must include a domain");
            return;
        }

        if (parts.Length > 2 || name.Length > MaxName)
        {
            errors.Invalid(path, name, "a qualified name must consist of a C-style identifier, optionally with a DNS subdomain prefix and '/'");
            return;
        }

        if (parts.Length == 2)
        {
            errors.RequiredName(path, parts[0], NameValidation.Dns1123Subdomain);
        }

        if (parts[^1].Length == 0)
        {
            errors.Required(path, "the name must not be empty");
        }
        else if (!(char.IsAsciiLetter(parts[^1][0]) || parts[^1][0] == '_') || !parts[^1].All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        {
            errors.Invalid(path, parts[^1], "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')");
        }
        else if (parts[^1].Length > Most)
        {
            errors.TooLong(path, Most);
        }
    }

    public static void Selectors(FieldErrors errors, string path, IReadOnlyList<DeviceSelector> selectors) => List(errors, path, selectors, Most, (at, selector) =>
    {
        if (selector.CEL is not { } cel)
        {
            errors.Required(at + ".cel", "");
        }
        else if (Encoding.UTF8.GetByteCount(cel.Expression) > CelDevices.MaxLength)
        {
            errors.TooLong(at + ".cel.expression", CelDevices.MaxLength);
        }
        else if (CelDevices.Compile(cel.Expression) is { Program: null } failed)
        {
            errors.Invalid(at + ".cel.expression", cel.Expression, failed.Problem);
        }
    });

    public static void Tolerations(FieldErrors errors, string path, IReadOnlyList<DeviceToleration> tolerations)
    {
        for (var i = 0; i < tolerations.Count; i++)
        {
            var (at, toleration) = (At(path, i), tolerations[i]);
            if (toleration.Key.Length > 0)
            {
                errors.Names(at + ".key", toleration.Key, NameValidation.QualifiedName(toleration.Key));
            }

            if (toleration.Operator == "Exists" && toleration.Value.Length > 0)
            {
                errors.Invalid(at + ".value", toleration.Value, "must be empty for operator `Exists`");
            }
            else if (toleration.Operator == "Equal")
            {
                errors.Names(at + ".value", toleration.Value, NameValidation.LabelValue(toleration.Value));
                if (toleration.Key.Length == 0)
                {
                    errors.Required(at + ".key", "key is required when operator is `Equal`");
                }
            }
            else if (toleration.Operator != "Exists")
            {
                errors.OneOf(at + ".operator", toleration.Operator, "Equal", "Exists");
            }

            errors.OneOfOrEmpty(at + ".effect", toleration.Effect, "NoExecute", "NoSchedule");
        }
    }

    public static void Opaque(FieldErrors errors, string path, OpaqueDeviceConfiguration? opaque)
    {
        if (opaque is null)
        {
            errors.Required(path + ".opaque", "");
            return;
        }

        Driver(errors, path + ".opaque.driver", opaque.Driver);
        var parameters = opaque.Parameters.ToString() ?? "";
        if (parameters.Length == 0)
        {
            errors.Required(path + ".opaque.parameters", "");
        }
        else if (Encoding.UTF8.GetByteCount(parameters) > MaxParameters)
        {
            errors.TooLong(path + ".opaque.parameters", MaxParameters);
        }
    }

    /// <summary>Conditions that a driver must bring about before a pod is bound, and those that end the wait.</summary>
    public static void Conditions(FieldErrors errors, string path, IReadOnlyList<string> binding, IReadOnlyList<string> failure)
    {
        foreach (var (name, list) in new[] { ("bindingConditions", binding), ("bindingFailureConditions", failure) })
        {
            List(errors, $"{path}.{name}", list, 4, (at, condition) => errors.Names(at, condition, NameValidation.QualifiedName(condition)));
        }

        if (binding.Count > 0 && failure.Count == 0)
        {
            errors.Required(path + ".bindingFailureConditions", "bindingFailureConditions are required to use bindingConditions");
        }
        else if (binding.Count == 0 && failure.Count > 0)
        {
            errors.Required(path + ".bindingConditions", "bindingConditions are required to use bindingFailureConditions");
        }
    }
}
