using Kobune.Cel.Libraries;
using Kobune.Cel.Types;
using Kobune.Cel.Values;

namespace Kobune.Cel.Devices;

/// <summary>The type of <c>device</c>.</summary>
internal sealed class DeviceTypes : ICelTypeProvider
{
    public static readonly CelType Device = CelType.Struct("DRADevice");

    public CelType? FindType(string name) => name == Device.Name ? Device : null;

    public CelType? FindField(string typeName, string field) => typeName != Device.Name ? null : field switch
    {
        "driver" => CelType.String,
        "attributes" => CelType.Map(CelType.String, CelType.Map(CelType.String, CelType.Dyn)),
        "capacity" => CelType.Map(CelType.String, CelType.Map(CelType.String, CelQuantity.QuantityType)),
        "allowMultipleAllocations" => CelType.Bool,
        _ => null,
    };

    public CelValue? Create(string typeName, IReadOnlyDictionary<string, CelValue> fields) => null;
}
