using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Meta.V1;
using Kobune.Api.Selectors;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.Ownership;

/// <summary>What to do with an object that an owner may control.</summary>
internal enum Claim
{
    /// <summary>Not ours.</summary>
    Ignore,

    /// <summary>Ours.</summary>
    Own,

    /// <summary>An orphan that our selector matches.</summary>
    Adopt,

    /// <summary>Ours until now, but the selector no longer matches.</summary>
    Release,
}

/// <summary>Adoption and release by selector. Source: pkg/controller/controller_ref_manager.go.</summary>
internal static class OwnerClaim
{
    /// <summary>The decision.</summary>
    public static Claim Decide(IKubernetesObject owner, Selector selector, IKubernetesObject obj) => Decide(owner, selector.Matches(obj.Metadata.Labels), obj);

    /// <summary>The objects that the owner controls after adopting and releasing.</summary>
    /// <typeparam name="TOwner">The owner's kind, read live before the first adoption: a cache may still show an owner that is gone.</typeparam>
    /// <typeparam name="T">Kind of the objects.</typeparam>
    public static Task<List<T>> ClaimAsync<TOwner, T>(IClient client, TOwner owner, Selector selector, ICache<T> cache, CancellationToken ct)
        where TOwner : class, IKubernetesObject<TOwner>
        where T : class, IKubernetesObject<T> => ClaimAsync(client, owner, o => selector.Matches(o.Metadata.Labels), cache, null, ct);

    /// <summary>The same, where more than labels says what belongs to the owner, and with a finalizer that comes with the adoption and goes with the release; null for none.</summary>
    public static async Task<List<T>> ClaimAsync<TOwner, T>(IClient client, TOwner owner, Func<T, bool> belongs, ICache<T> cache, string? finalizer, CancellationToken ct)
        where TOwner : class, IKubernetesObject<TOwner>
        where T : class, IKubernetesObject<T>
    {
        if (!owner.IsDeleting() && cache.OfFormer(owner).FirstOrDefault(belongs) is { } former)
        {
            await RefuseStaleAsync(client, former, ct);
        }

        return await ClaimAsync(client, owner, belongs, cache.ClaimCandidates(owner), finalizer, ct);
    }

    /// <summary>The same for given candidates.</summary>
    public static async Task<List<T>> ClaimAsync<TOwner, T>(IClient client, TOwner owner, Func<T, bool> belongs, IEnumerable<T> candidates, string? finalizer, CancellationToken ct)
        where TOwner : class, IKubernetesObject<TOwner>
        where T : class, IKubernetesObject<T>
    {
        var owned = new List<T>();
        (bool IsRead, string? Gone) live = default;
        ApiException? lost = null;
        foreach (var obj in candidates)
        {
            try
            {
                switch (Decide(owner, belongs(obj), obj))
                {
                    case Claim.Own:
                        owned.Add(obj);
                        break;
                    case Claim.Release:
                        await ReleaseAsync<T>(client, obj, Release(owner, obj, finalizer), ct);
                        break;
                    case Claim.Adopt:
                        live = live.IsRead ? live : (true, await GoneAsync(client, owner, ct));
                        if (live.Gone is { } gone)
                        {
                            lost ??= NotAdopted(obj, gone);
                        }
                        else if (await PatchAsync<T>(client, obj, Adopt(owner, obj, finalizer), ct) is { } adopted)
                        {
                            owned.Add(adopted);
                        }

                        break;
                }
            }
            catch (ApiException e) when (e.IsConflict || e.IsInvalid)
            {
                lost ??= e; // somebody else was faster, or nobody and the orphan waits: no event needs to follow, so the owner looks again
            }
        }

        return lost is null ? owned : throw lost;
    }

    private static Claim Decide(IKubernetesObject owner, bool matches, IKubernetesObject obj)
    {
        if (obj.ControllerRef() is { } controller)
        {
            return controller.Uid != owner.Metadata.Uid ? Claim.Ignore : matches ? Claim.Own : owner.IsDeleting() ? Claim.Ignore : Claim.Release;
        }

        return owner.IsDeleting() || !matches || obj.IsDeleting() || obj.Metadata.Namespace != owner.Metadata.Namespace ? Claim.Ignore : Claim.Adopt;
    }

    /// <summary>
    /// A former owner of this name lets its dependents go before it goes itself. So if one of them still names it, either the server says so too and it will be collected, or the cache is
    /// older than the owner itself, which would make others in the place of what it should adopt.
    /// </summary>
    private static async Task RefuseStaleAsync<T>(IClient client, T former, CancellationToken ct)
        where T : class, IKubernetesObject<T>
    {
        var (ns, name) = (former.Metadata.Namespace, former.Metadata.Name);
        var live = (await client.ListAsync<T>(ns, new() { FieldSelector = $"metadata.name={name}" }, ct)).Items; // controllers may list what they may not get
        if (!live.Any(l => l.Metadata.ResourceVersion == former.Metadata.ResourceVersion))
        {
            throw Conflict($"{former.Kind} {ns}/{name} ({former.Metadata.Uid}) of a former owner has changed");
        }
    }

    /// <summary>In upstream's words why the owner may not adopt, whatever a cache shows; null when it lives.</summary>
    private static async Task<string?> GoneAsync<TOwner>(IClient client, TOwner owner, CancellationToken ct)
        where TOwner : class, IKubernetesObject<TOwner>
    {
        var (ns, name) = (owner.Metadata.Namespace, owner.Metadata.Name);
        try
        {
            var live = await client.GetAsync<TOwner>(ns, name, ct);
            return live.Metadata.Uid != owner.Metadata.Uid ? $"can't recheck DeletionTimestamp: original {owner.Kind} {ns}/{name} is gone: got uid {live.Metadata.Uid}, wanted {owner.Metadata.Uid}"
                : live.IsDeleting() ? $"{ns}/{name} has just been deleted at {live.Metadata.DeletionTimestamp:yyyy-MM-dd HH:mm:ss} +0000 UTC"
                : null;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return "can't recheck DeletionTimestamp: " + e.Message;
        }
    }

    /// <summary>
    /// The orphan may have been ours a moment ago: an owner that went on without it would make another in its place. So it looks again, with a newer cache.
    /// </summary>
    private static ApiException NotAdopted(IKubernetesObject obj, string gone) =>
        Conflict($"can't adopt {obj.Kind} {obj.Metadata.Namespace}/{obj.Metadata.Name} ({obj.Metadata.Uid}): {gone}");

    private static ApiException Conflict(string message) => new(new Status { Code = 409, Reason = StatusReason.Conflict, Message = message });

    private static JsonObject Adopt(IKubernetesObject owner, IKubernetesObject obj, string? finalizer)
    {
        var metadata = Metadata(obj, new JsonObject
        {
            ["apiVersion"] = owner.ApiVersion,
            ["kind"] = owner.Kind,
            ["name"] = owner.Metadata.Name,
            ["uid"] = owner.Metadata.Uid,
            ["controller"] = true,
            ["blockOwnerDeletion"] = true,
        });
        if (finalizer is not null)
        {
            metadata["finalizers"] = new JsonArray(finalizer);
        }

        return new() { ["metadata"] = metadata };
    }

    private static JsonObject Release(IKubernetesObject owner, IKubernetesObject obj, string? finalizer)
    {
        var metadata = Metadata(obj, new JsonObject { ["$patch"] = "delete", ["uid"] = owner.Metadata.Uid });
        if (finalizer is not null)
        {
            metadata["$deleteFromPrimitiveList/finalizers"] = new JsonArray(finalizer);
        }

        return new() { ["metadata"] = metadata };
    }

    /// <summary>The UID makes the patch fail when another object has taken the name.</summary>
    private static JsonObject Metadata(IKubernetesObject obj, JsonObject reference) => new() { ["ownerReferences"] = new JsonArray(reference), ["uid"] = obj.Metadata.Uid };

    private static async Task<T?> PatchAsync<T>(IClient client, T obj, JsonObject patch, CancellationToken ct)
        where T : class, IKubernetesObject<T>
    {
        try
        {
            return await client.PatchAsync<T>(obj.Metadata.Namespace, obj.Metadata.Name, Patch.Strategic(patch), null, ct);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    private static async Task ReleaseAsync<T>(IClient client, T obj, JsonObject patch, CancellationToken ct)
        where T : class, IKubernetesObject<T>
    {
        try
        {
            await PatchAsync<T>(client, obj, patch, ct);
        }
        catch (ApiException e) when (e.IsInvalid)
        {
            // The reference is no longer there, or another object has the name.
        }
    }
}
