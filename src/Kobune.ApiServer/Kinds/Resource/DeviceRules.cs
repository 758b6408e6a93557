using System.Globalization;
using System.Text;
using System.Text.Json;
using Kobune.Api.Resource.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Kinds.Storage;
using Kobune.ApiServer.Registry;
using Kobune.Cel.Devices;

namespace Kobune.ApiServer.Kinds.Resource;

/// <summary>Rules that several kinds of resource.k8s.io share. Source: k8s.io/kubernetes, pkg/apis/resource/validation.</summary>
internal static class DeviceRules
{
    public const int Most = 32;
    private const int MaxParameters = 10 * 1024;
    private const int MaxIdentifier = 32;
    private static readonly string[] Effects = ["NoExecute", "NoSchedule", "None"];

    public static string At(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");

    /// <summary>A list with a limit, whose items may have to differ. One that is too long is not looked into.</summary>
    public static void List<T>(FieldErrors errors, string path, IReadOnlyList<T> items, int most, Action<string, T> check, Func<T, string>? key = null)
    {
        if (items.Count > most)
        {
            errors.TooMany(path, items.Count, most);
            return;
        }

        for (var i = 0; i < items.Count; i++)
        {
            check(At(path, i), items[i]);
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; key is not null && i < items.Count; i++)
        {
            if (!seen.Add(key(items[i])))
            {
                errors.Duplicate(At(path, i), key(items[i]));
            }
        }
    }

    public static void Label(FieldErrors errors, string path, string name) => errors.Names(path, name, NameValidation.Dns1123Label(name));

    public static void Driver(FieldErrors errors, string path, string name) => VolumeSourceRules.DriverName(name, path, errors);

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

    /// <summary>"model", or with a domain "example.com/model". Upstream looks at no name with more slashes.</summary>
    public static void QualifiedName(FieldErrors errors, string path, string name)
    {
        var parts = name.Split('/');
        if (parts.Length == 1)
        {
            Identifier(errors, path, name);
        }
        else if (parts.Length == 2)
        {
            Part(parts[0], "the domain must not be empty", Driver);
            Part(parts[1], "the name must not be empty", Identifier);
        }

        void Part(string part, string missing, Action<FieldErrors, string, string> rule)
        {
            if (part.Length == 0)
            {
                errors.Invalid(path, "", missing);
            }
            else
            {
                rule(errors, path, part);
            }
        }
    }

    public static void FullyQualifiedName(FieldErrors errors, string path, string name)
    {
        QualifiedName(errors, path, name);
        if (!name.Contains('/', StringComparison.Ordinal))
        {
            errors.Invalid(path, name, "a fully qualified name must be a domain and a name separated by a slash");
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

    public static void Taint(FieldErrors errors, string path, DeviceTaint taint)
    {
        errors.Names(path + ".key", taint.Key, NameValidation.QualifiedName(taint.Key));
        errors.Names(path + ".value", taint.Value, NameValidation.LabelValue(taint.Value));
        errors.OneOf(path + ".effect", taint.Effect, Effects);
    }

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
            }
            else if (toleration.Operator != "Exists")
            {
                errors.OneOf(at + ".operator", toleration.Operator, "Equal", "Exists");
            }

            errors.OneOfOrEmpty(at + ".effect", toleration.Effect, Effects);
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
        Raw(errors, path + ".opaque.parameters", opaque.Parameters, MaxParameters);
    }

    /// <summary>An object of somebody else's, of which only the size is known.</summary>
    public static void Raw(FieldErrors errors, string path, JsonElement? value, int most)
    {
        if (value is not { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) } given)
        {
            errors.Required(path, "");
        }
        else if (Encoding.UTF8.GetByteCount(given.GetRawText()) > most)
        {
            errors.TooLong(path, most);
        }
        else if (given.ValueKind != JsonValueKind.Object)
        {
            errors.Invalid(path, "<value omitted>", "must be a valid JSON object");
        }
    }

    /// <summary>Conditions that a driver must bring about before a pod is bound, and those that end the wait.</summary>
    public static void Conditions(FieldErrors errors, string path, IReadOnlyList<string> binding, IReadOnlyList<string> failure)
    {
        var (bindingPath, failurePath) = (path + ".bindingConditions", path + ".bindingFailureConditions");
        List(errors, bindingPath, binding, 4, (at, condition) => errors.Names(at, condition, NameValidation.QualifiedName(condition)));
        List(errors, failurePath, failure, 4, (at, condition) => errors.Names(at, condition, NameValidation.QualifiedName(condition)));
        List(errors, bindingPath, binding, int.MaxValue, (_, _) => { }, c => c);
        for (var i = 0; i < failure.Count; i++)
        {
            if (failure.Take(i).Contains(failure[i]))
            {
                errors.Duplicate(At(failurePath, i), failure[i]);
            }

            if (binding.Contains(failure[i]))
            {
                errors.Invalid(At(failurePath, i), failure[i], "bindingFailureConditions must not overlap with bindingConditions");
            }
        }

        if (binding.Count == 0 && failure.Count > 0)
        {
            errors.Invalid(bindingPath, null, "bindingConditions are required to use bindingFailureConditions");
        }
        else if (failure.Count == 0 && binding.Count > 0)
        {
            errors.Invalid(failurePath, null, "bindingFailureConditions are required to use bindingConditions");
        }
    }

    private static void Identifier(FieldErrors errors, string path, string name)
    {
        if (name.Length > MaxIdentifier)
        {
            errors.TooLong(path, MaxIdentifier);
        }

        if (name.Length == 0 || !(char.IsAsciiLetter(name[0]) || name[0] == '_') || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        {
            errors.Invalid(path, name, "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')");
        }
    }
}
