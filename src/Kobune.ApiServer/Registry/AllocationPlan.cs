using Kobune.Api;
using Kobune.Storage;

namespace Kobune.ApiServer.Registry;

/// <summary>Compares and operations that are committed together with an object: what is allocated can never leak.</summary>
public sealed class AllocationPlan
{
    /// <summary>Further compares.</summary>
    public List<Compare> Compares { get; } = [];

    /// <summary>Further operations.</summary>
    public List<Operation> Operations { get; } = [];

    /// <summary>Other objects that change together with this one (the status of a quota): each only if it still has the revision of its old form. A miss repeats the request from admission on.</summary>
    public List<ObjectChange> Changes { get; } = [];
}

/// <summary>An object and what it becomes; the registry knows key and encoding.</summary>
/// <param name="Old">As it was read, resourceVersion included.</param>
/// <param name="New">As it shall be.</param>
public sealed record ObjectChange(IKubernetesObject Old, IKubernetesObject New);
