using System.Text;
using System.Text.RegularExpressions;
using Kobune.Api;
using Kobune.Api.Resource.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Kinds.Pods;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Resource;

/// <summary>One device of a slice.</summary>
internal static partial class DeviceDescriptionRules
{
    private const string Selection = "exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec";
    private const int MaxValue = 64;
    private const int MaxTaints = 16;
    private const int MaxKey = 63 + 1 + 32; // a domain, a slash, an identifier

    /// <summary><paramref name="before"/>: the device of this name before an update. Taints that stay were good once.</summary>
    public static void Check(FieldErrors errors, string path, Device device, Device? before, bool isPerDevice)
    {
        DeviceRules.Label(errors, path + ".name", device.Name);
        if (device.Attributes.Count + device.Capacity.Count > DeviceRules.Most)
        {
            errors.Invalid(path, device.Attributes.Count + device.Capacity.Count, $"the total number of attributes and capacities must not exceed {DeviceRules.Most}");
        }

        foreach (var (name, attribute) in device.Attributes)
        {
            var at = $"{path}.attributes[{Shortened(name)}]";
            DeviceRules.QualifiedName(errors, at, name);
            Attribute(errors, at, attribute);
        }

        foreach (var (name, capacity) in device.Capacity)
        {
            var at = $"{path}.capacity[{Shortened(name)}]";
            DeviceRules.QualifiedName(errors, at, name);
            CapacityRules.Check(errors, at, capacity, device.AllowMultipleAllocations == true);
        }

        if (before is null || !device.Taints.SequenceEqual(before.Taints))
        {
            DeviceRules.List(errors, path + ".taints", device.Taints, MaxTaints, (at, taint) => DeviceRules.Taint(errors, at, taint));
        }

        DeviceRules.List(errors, path + ".consumesCounters", device.ConsumesCounters, 2, (at, consumption) =>
        {
            errors.RequiredName(at + ".counterSet", consumption.CounterSet, NameValidation.Dns1123Label);
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
            return;
        }

        foreach (var name in counters.Keys)
        {
            errors.Names($"{path}[{Shortened(name)}]", name, NameValidation.Dns1123Label(name));
        }
    }

    /// <summary>A key that is too long is told by its ends.</summary>
    private static string Shortened(string name) => name.Length <= MaxKey ? name : $"{name[..((MaxKey - 2) / 2)]}...{name[^((MaxKey - 3) / 2)..]}";

    private static void Attribute(FieldErrors errors, string path, DeviceAttribute attribute)
    {
        Text(errors, path + ".string", attribute.StringValue);
        if (attribute.VersionValue is { } version && !SemVer().IsMatch(version))
        {
            errors.Invalid(path + ".version", version, "must be a string compatible with semver.org spec 2.0.0");
        }

        Text(errors, path + ".version", attribute.VersionValue);
        if (new[] { attribute.IntValue is not null, attribute.BoolValue is not null, attribute.StringValue is not null, attribute.VersionValue is not null }.Count(isSet => isSet) is var set && set != 1)
        {
            errors.Invalid(path, set == 0 ? "" : attribute, "exactly one value must be specified");
        }
    }

    private static void Text(FieldErrors errors, string path, string? text)
    {
        if (text is not null && Encoding.UTF8.GetByteCount(text) > MaxValue)
        {
            errors.TooLong(path, MaxValue);
        }
    }

    private static void Nodes(FieldErrors errors, string path, Device device, bool isPerDevice)
    {
        if (!isPerDevice)
        {
            if (device.NodeName is not null || device.NodeSelector is not null || device.AllNodes is not null)
            {
                errors.Invalid(path, "null", "`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec");
            }

            return;
        }

        var names = Where(errors, path, device).ToArray();
        if (names.Length == 0)
        {
            errors.Required(path, Selection);
        }
        else if (names.Length > 1)
        {
            errors.Invalid(path, $"{{{string.Join(", ", names)}}}", Selection);
        }
    }

    private static List<string> Where(FieldErrors errors, string path, Device device)
    {
        var set = new List<string>();
        if (device.NodeName is { Length: > 0 } name)
        {
            set.Add("`nodeName`");
            errors.Names(path + ".nodeName", name, NameValidation.Dns1123Subdomain(name));
        }
        else if (device.NodeName is not null)
        {
            errors.Invalid(path + ".nodeName", "", "must not be empty");
        }

        if (device.NodeSelector is { } selector)
        {
            set.Add("`nodeSelector`");
            SchedulingValidation.Selector(selector, path + ".nodeSelector", errors);
        }

        if (device.AllNodes == true)
        {
            set.Add("`allNodes`");
        }
        else if (device.AllNodes == false)
        {
            errors.Invalid(path + ".allNodes", false, "must be either unset or set to true");
        }

        return set;
    }

    [GeneratedRegex(@"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex SemVer();
}
