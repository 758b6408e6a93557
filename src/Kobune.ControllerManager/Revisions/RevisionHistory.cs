using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Selectors;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Ownership;

namespace Kobune.ControllerManager.Revisions;

/// <summary>The revisions of an owner in the API. Source: pkg/controller/history/controller_history.go.</summary>
internal sealed class RevisionHistory(ICache<ControllerRevision> revisions, IClient client)
{
    /// <summary>Those that the owner controls after adopting and releasing, oldest first.</summary>
    public async Task<List<ControllerRevision>> ClaimAsync<T>(T owner, Selector selector, CancellationToken ct)
        where T : class, IKubernetesObject<T> =>
        RevisionOrder.Sorted(await OwnerClaim.ClaimAsync(client, owner, selector, revisions, ct));

    /// <summary>Creates a revision, with another name while another revision's data have its own.</summary>
    /// <param name="make">The revision for a count of collisions.</param>
    /// <param name="collisions">Collisions until now.</param>
    /// <param name="isSame">Whether the one that has the name is the wanted one.</param>
    /// <returns>The revision, and the collisions that its name is made of.</returns>
    public async Task<(ControllerRevision Revision, int Collisions)> CreateAsync(
        Func<int, ControllerRevision> make, int collisions, Func<ControllerRevision, bool> isSame, CancellationToken ct)
    {
        for (var count = collisions; ; count++)
        {
            var wanted = make(count);
            try
            {
                return (await client.CreateAsync(wanted, ct), count);
            }
            catch (ApiException e) when (e.IsAlreadyExists)
            {
                var taken = await client.GetAsync<ControllerRevision>(wanted.Metadata.Namespace, wanted.Metadata.Name, ct);
                if (isSame(taken))
                {
                    return (taken, count);
                }
            }
        }
    }

    /// <summary>Changes a revision.</summary>
    public async Task<ControllerRevision> ChangeAsync(ControllerRevision before, ControllerRevision after, CancellationToken ct) =>
        Patch.Between(before, after) is { } patch ? await client.PatchAsync<ControllerRevision>(before.Metadata.Namespace, before.Metadata.Name, patch, null, ct) : before;

    /// <summary>Deletes a revision, if it is still this one.</summary>
    public async Task DeleteAsync(ControllerRevision revision, CancellationToken ct)
    {
        try
        {
            var options = new DeleteOptions { Preconditions = new Preconditions { Uid = revision.Metadata.Uid } };
            await client.DeleteAsync<ControllerRevision>(revision.Metadata.Namespace, revision.Metadata.Name, options, ct);
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // Gone already, or another one of this name.
        }
    }
}
