using Kobune.Cel.Types;
using Kobune.Cel.Values;

namespace Kobune.Cel.Devices;

/// <summary>A device's fields. Attributes and capacity are by domain first; a domain that the device does not have is an empty map, so that its names can be asked for.</summary>
internal sealed class DeviceObject(string driver, IEnumerable<(string Name, CelValue Value)> attributes, IEnumerable<(string Name, CelValue Value)> capacity, bool allowsMultipleAllocations) : CelObject
{
    private readonly CelMap _attributes = ByDomain(driver, attributes);
    private readonly CelMap _capacity = ByDomain(driver, capacity);

    public override CelType Type => DeviceTypes.Device;

    public override CelValue? Field(string name) => name switch
    {
        "driver" => new CelString(driver),
        "attributes" => _attributes,
        "capacity" => _capacity,
        "allowMultipleAllocations" => CelBool.Of(allowsMultipleAllocations),
        _ => null,
    };

    public override bool EqualTo(CelValue other) => ReferenceEquals(this, other);

    private static DomainMap ByDomain(string driver, IEnumerable<(string Name, CelValue Value)> entries)
    {
        var domains = new Dictionary<string, Dictionary<string, CelValue>>(StringComparer.Ordinal);
        foreach (var (name, value) in entries)
        {
            var slash = name.IndexOf('/', StringComparison.Ordinal);
            var domain = slash < 0 ? driver : name[..slash];
            if (!domains.TryGetValue(domain, out var known))
            {
                domains[domain] = known = new(StringComparer.Ordinal);
            }

            known[name[(slash + 1)..]] = value;
        }

        return new(CelMap.Of(domains.Select(d => new KeyValuePair<CelValue, CelValue>(new CelString(d.Key), CelMap.Of(d.Value.Select(v => new KeyValuePair<CelValue, CelValue>(new CelString(v.Key), v.Value)))))));
    }

    /// <summary>A map that has an empty map for every key that it does not have.</summary>
    private sealed class DomainMap(CelMap inner) : CelMap
    {
        private static readonly CelMap Empty = Of([]);

        public override int Count => inner.Count;

        public override IEnumerable<CelValue> Keys => inner.Keys;

        public override CelValue? Find(CelValue key) => inner.Find(key) ?? Empty;

        internal override bool Contains(CelValue key) => inner.Find(key) is not null;
    }
}
