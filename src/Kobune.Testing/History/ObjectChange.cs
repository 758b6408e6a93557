using Kobune.Api;

namespace Kobune.Testing.History;

/// <summary>What happened to an object.</summary>
public enum ObjectChangeType
{
    /// <summary>It came to be.</summary>
    Added,

    /// <summary>It changed.</summary>
    Modified,

    /// <summary>It went.</summary>
    Deleted,
}

/// <summary>One change of one object, as the store has it: in its storage version, without resourceVersion.</summary>
/// <param name="Time">By the cluster's clock.</param>
/// <param name="Revision">Of the change.</param>
/// <param name="Type">What happened.</param>
/// <param name="ApiVersion">"apps/v1".</param>
/// <param name="Kind">"Deployment".</param>
/// <param name="Namespace">Empty for objects of the cluster.</param>
/// <param name="Name">Of the object.</param>
/// <param name="Object">The new state; the last one of a deleted object.</param>
/// <param name="Previous">The state before; null for a new object.</param>
public sealed record ObjectChange(
    DateTimeOffset Time,
    long Revision,
    ObjectChangeType Type,
    string ApiVersion,
    string Kind,
    string Namespace,
    string Name,
    EncodedObject Object,
    EncodedObject? Previous)
{
    /// <summary>"default/web", or the name alone.</summary>
    public string Key => Namespace.Length > 0 ? $"{Namespace}/{Name}" : Name;
}
