using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Features;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Authentication;

namespace Kobune.ApiServer.Registry;

/// <summary>What a built-in kind does beyond its schema. All parts are optional; a kind without a strategy has exactly its schema's behaviour.
/// Mutating parts work on the JSON tree in the storage version, validation on the decoded records.</summary>
public abstract class KindStrategy
{
    /// <summary>API group and plural resource, ("", "pods").</summary>
    public abstract (string Group, string Resource) Resource { get; }

    /// <summary>Defaults that depend on other fields. Also applied to templates by the kinds that carry them.</summary>
    public virtual void ApplyDefaults(JsonObject obj)
    {
    }

    /// <summary>Before a create is admitted: clears status, sets the initial generation's companions (upstream's PrepareForCreate).</summary>
    public virtual void PrepareForCreate(StrategyContext context, JsonObject obj)
    {
    }

    /// <summary>Before an update is admitted: carries over what this endpoint may not change (upstream's PrepareForUpdate). <paramref name="subresource"/> is empty, "status" or another.</summary>
    public virtual void PrepareForUpdate(StrategyContext context, JsonObject obj, JsonObject old, string subresource)
    {
    }

    /// <summary>Validation of a new object: collects all problems with upstream's field paths and wording.</summary>
    public virtual void Validate(EncodedObject obj, FieldErrors errors)
    {
    }

    /// <summary>Validation of a change; <see cref="Validate"/> is not called for it.</summary>
    public virtual void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
    }

    /// <summary>What a client is warned of that creates or changes this object, which is good otherwise (upstream's WarningsOnCreate and WarningsOnUpdate). <paramref name="old"/> is null for a create; subresources warn of nothing. <paramref name="features"/> know the release.</summary>
    public virtual IEnumerable<string> Warnings(EncodedObject obj, EncodedObject? old, FeatureGates features) => [];

    /// <summary>Cluster IPs, node ports and the like: further operations of the same store transaction (upstream's BeginCreate and BeginUpdate). May change <paramref name="obj"/>.</summary>
    public virtual ValueTask AllocateAsync(StrategyContext context, JsonObject? obj, EncodedObject? old, AllocationPlan plan, CancellationToken ct) => ValueTask.CompletedTask;

    /// <summary>Whether <see cref="AllocateAsync"/> changes the object, which is then encoded anew.</summary>
    public virtual bool ChangesOnAllocate => false;

    /// <summary>Whether a status subresource keeps spec and metadata apart. True for most kinds with a status.</summary>
    public virtual bool HasStatusSubresource => true;
}

/// <summary>What strategies may see of a request.</summary>
/// <param name="User">Who asks.</param>
/// <param name="Time">The server's clock.</param>
/// <param name="Objects">Other objects.</param>
/// <param name="DryRun">Whether nothing may be kept.</param>
public sealed record StrategyContext(UserInfo User, TimeProvider Time, IObjectReader Objects, bool DryRun);
