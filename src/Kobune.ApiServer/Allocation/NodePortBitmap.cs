using System.Collections;
using System.Text;
using System.Text.Json;
using Kobune.Storage;

namespace Kobune.ApiServer.Allocation;

/// <summary>The node ports in use: upstream's RangeAllocation under /registry/ranges/servicenodeports, one bit per port. Read, changed and compared within a Service's transaction.</summary>
internal sealed class NodePortBitmap
{
    public const string Key = "/registry/ranges/servicenodeports";

    private readonly BitArray _used;
    private readonly (int First, int Last) _range;
    private readonly long _revision;

    private NodePortBitmap((int First, int Last) range, BitArray used, long revision)
    {
        _range = range;
        _used = used;
        _revision = revision;
    }

    /// <summary>"30000-32767".</summary>
    public string Range => $"{_range.First}-{_range.Last}";

    public bool IsChanged { get; private set; }

    /// <summary>Which free port is taken is chance.</summary>
    public Random Dice { get; set; } = Random.Shared;

    public static async ValueTask<NodePortBitmap> ReadAsync(IStore store, (int First, int Last) range, CancellationToken ct)
    {
        var size = range.Last - range.First + 1;
        var result = await store.GetAsync(Key, 0, ct);
        var used = new BitArray(size);
        if (result.Item is { } item)
        {
            using var document = JsonDocument.Parse(item.Value);
            var data = document.RootElement.TryGetProperty("data", out var bits) ? bits.GetBytesFromBase64() : [];
            for (var i = 0; i < size && i / 8 < data.Length; i++)
            {
                used[i] = (data[i / 8] & (1 << (i % 8))) != 0;
            }
        }

        return new(range, used, result.Item?.ModRevision ?? 0);
    }

    public bool Contains(int port) => port >= _range.First && port <= _range.Last;

    public bool IsUsed(int port) => _used[port - _range.First];

    public void Set(int port, bool used)
    {
        if (Contains(port) && _used[port - _range.First] != used)
        {
            _used[port - _range.First] = used;
            IsChanged = true;
        }
    }

    /// <summary>A free port, from the dynamic band if there is one; null when all are taken.</summary>
    public int? Take(Random random)
    {
        var fixedBand = _used.Length <= 16 ? 0 : Math.Min(Math.Max(16, _used.Length / 32), 128); // upstream: min(max(16, size/32), 128), none in a range as small as that
        var dynamicSize = _used.Length - fixedBand;
        var start = random.Next(Math.Max(dynamicSize, 1));
        for (var i = 0; i < _used.Length; i++)
        {
            var offset = i < dynamicSize ? fixedBand + ((start + i) % dynamicSize) : i - dynamicSize;
            if (!_used[offset])
            {
                Set(_range.First + offset, true);
                return _range.First + offset;
            }
        }

        return null;
    }

    /// <summary>Adds the change to a transaction.</summary>
    public void AddTo(Registry.AllocationPlan plan)
    {
        if (!IsChanged)
        {
            return;
        }

        var data = new byte[(_used.Length + 7) / 8];
        _used.CopyTo(data, 0);
        var json = $"{{\"kind\":\"RangeAllocation\",\"apiVersion\":\"v1\",\"metadata\":{{}},\"range\":\"{_range.First}-{_range.Last}\",\"data\":\"{Convert.ToBase64String(data)}\"}}";
        plan.Compares.Add(new(Key, _revision));
        plan.Operations.Add(Operation.Put(Key, Encoding.UTF8.GetBytes(json)));
    }
}
