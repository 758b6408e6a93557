using System.Text;
using System.Text.RegularExpressions;
using Kobune.Api;
using Kobune.Api.Resource.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Resource;

/// <summary>One device of a slice.</summary>
internal static partial class DeviceDescriptionRules
{
    private const string Selection = "exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec";
    private const int MaxValue = 64;
    private const int MaxTaints = 16;

    public static void Check(FieldErrors errors, string path, Device device, bool isPerDevice)
    {
        DeviceRules.Label(errors, path + ".name", device.Name);
        if (device.Attributes.Count + device.Capacity.Count > DeviceRules.Most)
        {
            errors.Invalid(path, device.Attributes.Count + device.Capacity.Count, $"the total number of attributes and capacities must not exceed {DeviceRules.Most}");
        }

        foreach (var (name, attribute) in device.Attributes)
        {
            DeviceRules.QualifiedName(errors, path + ".attributes", name, mustHaveDomain: false);
            Attribute(errors, $"{path}.attributes[{name}]", attribute);
        }

        foreach (var (name, capacity) in device.Capacity)
        {
            DeviceRules.QualifiedName(errors, path + ".capacity", name, mustHaveDomain: false);
            Capacity(errors, $"{path}.capacity[{name}]", capacity, device.AllowMultipleAllocations == true);
        }

        DeviceRules.List(errors, path + ".taints", device.Taints, MaxTaints, (at, taint) =>
        {
            errors.RequiredName(at + ".key", taint.Key, NameValidation.QualifiedName);
            errors.Names(at + ".value", taint.Value, NameValidation.LabelValue(taint.Value));
            errors.OneOf(at + ".effect", taint.Effect, "NoExecute", "NoSchedule", "None");
        });
        DeviceRules.List(errors, path + ".consumesCounters", device.ConsumesCounters, 2, (at, consumption) =>
        {
            DeviceRules.Label(errors, at + ".counterSet", consumption.CounterSet);
            Counters(errors, at + ".counters", consumption.Counters);
        }, c => c.CounterSet);
        Nodes(errors, path, device, isPerDevice);
        DeviceRules.Conditions(errors, path, device.BindingConditions, device.BindingFailureConditions);
    }

    public static void Counters(FieldErrors errors, string path, IReadOnlyDictionary<string, Counter> counters)
    {
        if (counters.Count == 0)
        {
            errors.Required(path, "");
        }
        else if (counters.Count > DeviceRules.Most)
        {
            errors.TooMany(path, counters.Count, DeviceRules.Most);
        }

        foreach (var name in counters.Keys)
        {
            errors.Names(path, name, NameValidation.Dns1123Label(name));
        }
    }

    private static void Attribute(FieldErrors errors, string path, DeviceAttribute attribute)
    {
        if (new[] { attribute.IntValue is not null, attribute.BoolValue is not null, attribute.StringValue is not null, attribute.VersionValue is not null }.Count(isSet => isSet) is var set && set != 1)
        {
            errors.Invalid(path, set == 0 ? "" : attribute, "exactly one value must be specified");
        }

        if (attribute.VersionValue is { } version && !SemVer().IsMatch(version))
        {
            errors.Invalid(path + ".version", version, "must be a string compatible with semver.org spec 2.0.0");
        }

        foreach (var (field, text) in new[] { ("string", attribute.StringValue), ("version", attribute.VersionValue) })
        {
            if (text is not null && Encoding.UTF8.GetByteCount(text) > MaxValue)
            {
                errors.TooLong($"{path}.{field}", MaxValue);
            }
        }
    }

    private static void Capacity(FieldErrors errors, string path, DeviceCapacity capacity, bool isShared)
    {
        path += ".requestPolicy";
        if (capacity.RequestPolicy is not { } policy)
        {
            return;
        }

        if (!isShared)
        {
            errors.Forbidden(path, "allowMultipleAllocations must be true");
        }
        else if (policy.ValidValues.Count > 0 && policy.ValidRange is not null)
        {
            errors.Forbidden(path, "exactly one policy can be specified, cannot specify \"validValues\" and \"validRange\" at the same time");
        }
        else if (policy.Default is null && (policy.ValidValues.Count > 0 || policy.ValidRange is not null))
        {
            errors.Required(path + ".default", $"required when {(policy.ValidRange is null ? "validValues" : "validRange")} is defined");
        }
        else if (policy.ValidValues.Count > 0 && !policy.ValidValues.Contains(policy.Default ?? default))
        {
            errors.Invalid(path + ".validValues", policy.Default, "default value is not valid according to the requestPolicy");
        }
        else if (policy.ValidRange is { } range && (policy.Default < range.Min || policy.Default > (range.Max ?? capacity.Value)))
        {
            errors.Invalid(path + ".validRange", policy.Default, "default value is not valid according to the requestPolicy");
        }
    }

    private static void Nodes(FieldErrors errors, string path, Device device, bool isPerDevice)
    {
        string?[] set = [device.NodeName is null ? null : "`nodeName`", device.NodeSelector is null ? null : "`nodeSelector`", device.AllNodes is null ? null : "`allNodes`"];
        var names = set.OfType<string>().ToArray();
        if (!isPerDevice)
        {
            if (names.Length > 0)
            {
                errors.Invalid(path, null, "`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec");
            }
        }
        else if (names.Length == 0)
        {
            errors.Required(path, Selection);
        }
        else if (names.Length > 1)
        {
            errors.Invalid(path, $"{{{string.Join(", ", names)}}}", Selection);
        }
    }

    [GeneratedRegex(@"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex SemVer();
}
