using Kobune.Storage;

namespace Kobune.ApiServer.Registry;

/// <summary>Compares and operations that are committed together with an object: what is allocated can never leak.</summary>
public sealed class AllocationPlan
{
    /// <summary>Further compares.</summary>
    public List<Compare> Compares { get; } = [];

    /// <summary>Further operations.</summary>
    public List<Operation> Operations { get; } = [];
}
