using Kobune.Api.Core.V1;
using Kobune.Api.Resource.V1;
using Kobune.Cel.Devices;
using Kobune.Cel.Values;

namespace Kobune.Scheduler.Devices;

/// <summary>A device that a node can reach, and what is known of it.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Device">What its driver says.</param>
/// <param name="Slice">The slice that it stands in.</param>
internal sealed record PooledDevice(DeviceKey Key, Device Device, ResourceSliceSpec Slice)
{
    private CelValue? _view;

    /// <summary>Whether more than one claim can have it.</summary>
    public bool IsShared => Device.AllowMultipleAllocations == true;

    /// <summary>As expressions see it.</summary>
    public CelValue View => _view ??= CelDevices.Device(Key.Driver, Device.Attributes.Select(a => new KeyValuePair<string, object>(a.Key, ValueOf(a.Value))), Device.Capacity.Select(c => new KeyValuePair<string, string>(c.Key, c.Value.Value.ToString())), IsShared);

    /// <summary>The one node that has it, when it belongs to one.</summary>
    public string? NodeName => Slice.PerDeviceNodeSelection == true ? Device.NodeName : Slice.NodeName;

    /// <summary>The nodes that reach it, when not all do.</summary>
    public NodeSelector? NodeSelector => Slice.PerDeviceNodeSelection == true ? Device.NodeSelector : Slice.NodeSelector;

    /// <summary>An attribute by its full name, as something that can be compared; null when the device does not have it.</summary>
    public object? Attribute(string name)
    {
        var own = Key.Driver + "/";
        return Device.Attributes.TryGetValue(name, out var found) || (name.StartsWith(own, StringComparison.Ordinal) && Device.Attributes.TryGetValue(name[own.Length..], out found)) ? ValueOf(found) : null;
    }

    private static object ValueOf(DeviceAttribute attribute) =>
        attribute.IntValue is { } number ? number
        : attribute.BoolValue is { } flag ? flag
        : attribute.VersionValue is { } version ? new CelDevices.Version(version)
        : attribute.StringValue ?? "";
}
