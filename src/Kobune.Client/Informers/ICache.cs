using Kobune.Api;
using Kobune.Api.Selectors;

namespace Kobune.Client.Informers;

/// <summary>The objects of an informer, shared by all readers and never changed. All members are safe from any thread; lists are snapshots.</summary>
public interface ICache<T>
    where T : class, IKubernetesObject
{
    /// <summary>How many objects there are.</summary>
    int Count { get; }

    /// <summary>Rises with every change: equal numbers mean equal contents.</summary>
    long Generation { get; }

    /// <summary>The cache shows everything up to this revision (of objects that match its informer's selectors).</summary>
    ulong Revision { get; }

    /// <summary>One object, or null.</summary>
    T? Find(string ns, string name);

    /// <summary>All objects, or those of one namespace. Without order.</summary>
    IReadOnlyList<T> List(string? ns = null);

    /// <summary>Those objects of a namespace (all when empty) whose labels match.</summary>
    IReadOnlyList<T> List(string? ns, Selector selector);

    /// <summary>The objects that name an owner of this UID among their ownerReferences.</summary>
    IReadOnlyList<T> ByOwner(string uid);

    /// <summary>Adds an index, or returns the one that has this name. An object stands under each of its values.</summary>
    ICacheIndex<T> Index(string name, Func<T, IEnumerable<string>> values);
}

/// <summary>An index of a cache.</summary>
public interface ICacheIndex<T>
{
    /// <summary>The objects under a value.</summary>
    IReadOnlyList<T> this[string value] { get; }
}
