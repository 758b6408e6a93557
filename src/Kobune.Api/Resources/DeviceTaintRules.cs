using Kobune.Api.Resource.V1;
using DeviceTaintRule = Kobune.Api.Resource.V1Beta2.DeviceTaintRule;

namespace Kobune.Api.Resources;

/// <summary>Taints that administrators give devices besides what drivers say. Source: k8s.io/dynamic-resource-allocation, resourceslice/tracker, and pkg/controller/devicetainteviction.</summary>
public static class DeviceTaintRules
{
    /// <summary>Whether a rule is about a device. Without a selector it is about none, with an empty one about all.</summary>
    public static bool IsAbout(DeviceTaintRule rule, string driver, string pool, string device)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return rule.Spec.DeviceSelector is { } selector
            && (selector.Driver is null || selector.Driver == driver)
            && (selector.Pool is null || selector.Pool == pool)
            && (selector.Device is null || selector.Device == device);
    }

    /// <summary>The taint of a rule as one of a device.</summary>
    public static DeviceTaint TaintOf(DeviceTaintRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        var taint = rule.Spec.Taint;
        return new() { Key = taint.Key, Value = taint.Value, Effect = taint.Effect, TimeAdded = taint.TimeAdded };
    }

    /// <summary>The taints of a device by rules.</summary>
    public static IEnumerable<DeviceTaint> TaintsOf(IEnumerable<DeviceTaintRule> rules, string driver, string pool, string device) =>
        rules.Where(r => IsAbout(r, driver, pool, device)).Select(TaintOf);

    /// <summary>The slice with the taints of rules on its devices; itself when no rule is about any.</summary>
    public static ResourceSlice Apply(ResourceSlice slice, IReadOnlyList<DeviceTaintRule> rules)
    {
        ArgumentNullException.ThrowIfNull(slice);
        var (spec, isChanged) = (slice.Spec, false);
        var devices = new List<Device>(spec.Devices.Count);
        foreach (var device in spec.Devices)
        {
            var taints = TaintsOf(rules, spec.Driver, spec.Pool.Name, device.Name).ToList();
            isChanged |= taints.Count > 0;
            devices.Add(taints.Count > 0 ? device with { Taints = [.. device.Taints, .. taints] } : device);
        }

        return isChanged ? slice with { Spec = spec with { Devices = devices } } : slice;
    }
}
