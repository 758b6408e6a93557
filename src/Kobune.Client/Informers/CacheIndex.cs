using Kobune.Api;

namespace Kobune.Client.Informers;

/// <summary>Objects by values that are computed from them. Guarded by the lock of its cache.</summary>
internal sealed class CacheIndex<T>(Lock guard, Func<T, IEnumerable<string>> values) : ICacheIndex<T>
    where T : class, IKubernetesObject
{
    private readonly Dictionary<string, Dictionary<ObjectKey, T>> _buckets = new(StringComparer.Ordinal);

    public IReadOnlyList<T> this[string value]
    {
        get
        {
            lock (guard)
            {
                return _buckets.TryGetValue(value, out var bucket) ? [.. bucket.Values] : [];
            }
        }
    }

    public void Replace(T? old, T? item)
    {
        if (old is not null)
        {
            foreach (var value in values(old))
            {
                if (_buckets.TryGetValue(value, out var bucket) && bucket.Remove(ObjectKey.Of(old)) && bucket.Count == 0)
                {
                    _buckets.Remove(value);
                }
            }
        }

        if (item is not null)
        {
            foreach (var value in values(item))
            {
                if (!_buckets.TryGetValue(value, out var bucket))
                {
                    _buckets[value] = bucket = [];
                }

                bucket[ObjectKey.Of(item)] = item;
            }
        }
    }
}
