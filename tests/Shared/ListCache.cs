using Kobune.Api;
using Kobune.Api.Selectors;
using Kobune.Client.Informers;

namespace Kobune.Tests;

/// <summary>A cache of what a test says there is.</summary>
internal sealed class ListCache<T>(params T[] items) : ICache<T>
    where T : class, IKubernetesObject
{
    public int Count => items.Length;

    public long Generation => 0;

    public ulong Revision => 0;

    public T? Find(string ns, string name) => items.FirstOrDefault(item => item.Metadata.Namespace == ns && item.Metadata.Name == name);

    public IReadOnlyList<T> List(string? ns = null) => ns is null ? items : [.. items.Where(item => item.Metadata.Namespace == ns)];

    public IReadOnlyList<T> List(string? ns, Selector selector) => [.. List(ns).Where(item => selector.Matches(item.Metadata.Labels))];

    public IReadOnlyList<T> ByOwner(string uid) => [.. items.Where(item => item.Metadata.OwnerReferences.Any(owner => owner.Uid == uid))];

    public ICacheIndex<T> Index(string name, Func<T, IEnumerable<string>> values) => new ListIndex(items, values);

    private sealed class ListIndex(T[] items, Func<T, IEnumerable<string>> values) : ICacheIndex<T>
    {
        public IReadOnlyList<T> this[string value] => [.. items.Where(item => values(item).Contains(value))];
    }
}
