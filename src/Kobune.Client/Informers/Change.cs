using Kobune.Api;

namespace Kobune.Client.Informers;

/// <summary>What happened to an object in a cache.</summary>
public enum ChangeKind
{
    /// <summary>It came into the cache.</summary>
    Added,

    /// <summary>A newer revision replaced the old one.</summary>
    Modified,

    /// <summary>It left the cache.</summary>
    Deleted,
}

/// <summary>One change of a cache.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Old">The revision before; null when added.</param>
/// <param name="New">The revision after; null when deleted.</param>
public readonly record struct Change<T>(ChangeKind Kind, T? Old, T? New)
    where T : class, IKubernetesObject
{
    /// <summary>The newest revision that is known: after a delete the last one.</summary>
    public T Object => New ?? Old!;

    /// <summary>Namespace and name.</summary>
    public ObjectKey Key => ObjectKey.Of(Object);
}
