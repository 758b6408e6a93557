using System.Text.Json.Nodes;
using Kobune.Api.Schema;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Codec;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Fields;
using Kobune.ApiServer.Watch;
using Kobune.Storage;

namespace Kobune.ApiServer.Registry;

/// <summary>What a write makes of the object as it is: the object as it shall be, in the version of the request. <paramref name="live"/> gives a tree of the present one,
/// resourceVersion included, that the change may keep. Called again when the write lost a race.</summary>
internal delegate JsonObject Change(Func<JsonObject> live);

/// <summary>
/// Updates objects of every stored kind (PUT, PATCH, subresources): read -> change -> system fields -> field management -> mutating admission -> prepare ->
/// validation -> validating admission -> allocation -> one store transaction on the revision read. A change of nothing writes nothing.
/// </summary>
internal sealed class ObjectUpdater(ServerContext server)
{
    private const int MaxTries = 20;

    /// <summary>Updates the object that <paramref name="write"/> names. A change that carries a resourceVersion is refused when the object has another; without one it is repeated until it wins.</summary>
    /// <exception cref="StatusException">NotFound, Conflict, Invalid, Forbidden.</exception>
    public async ValueTask<CacheEntry> UpdateAsync(WriteRequest write, Change change, CancellationToken ct)
    {
        var schema = write.Resource.Schema;
        var current = write.Options.DryRun ? null : write.Kind.Cache.State.Index.Find(write.Key);
        var isFresh = false;
        for (var attempt = 1; ; attempt++)
        {
            if (current is null)
            {
                current = isFresh ? null : await server.ReadFreshAsync(write.Key, ct);
                isFresh = true;
            }

            if (current is null)
            {
                throw StatusErrors.NotFound(schema.Group, schema.Plural, write.Name);
            }

            try
            {
                var written = await TryAsync(write, change, current, ct);
                if (written is not null && (isFresh || !ReferenceEquals(written, current) || await IsNewestAsync(current, ct)))
                {
                    return written; // a write of nothing counts only against what the store holds: the cache may lie behind what was acknowledged
                }
            }
            catch (StatusException) when (!isFresh)
            {
                // Refused by what the cache showed; only the store's word counts.
                if (await IsNewestAsync(current, ct))
                {
                    throw;
                }
            }

            if (attempt >= MaxTries)
            {
                throw StatusErrors.Modified(schema.Group, schema.Plural, write.Name);
            }

            current = await server.ReadFreshAsync(write.Key, ct);
            isFresh = true;
        }
    }

    private async ValueTask<bool> IsNewestAsync(CacheEntry entry, CancellationToken ct) => (await server.ReadFreshAsync(entry.Key, ct))?.Revision == entry.Revision;

    /// <summary>One try; null when the object changed meanwhile and the write did not insist on a revision.</summary>
    private async ValueTask<CacheEntry?> TryAsync(WriteRequest write, Change change, CacheEntry current, CancellationToken ct)
    {
        var kind = write.Kind;
        var liveServed = await server.Registry.InVersionAsync(current, write.Resource, ct);
        var obj = change(liveServed.ToTree);
        var live = liveServed.ToTree();
        var isConditional = UpdateMetadata.CheckPreconditions(write, obj.Meta(), current);
        UpdateMetadata.CheckDeletion(write, obj.Meta(), live.Meta());
        UpdateMetadata.CarrySystemFields(obj.Meta(), live.Meta());
        if (!write.IsApply)
        {
            write.ManageFields(live, obj, server);
        }

        write.Resource.VersionRules?.CheckVersion(write, obj, live);
        obj = await server.Registry.ToStorageAsync(obj, write.Resource, ct);
        var stored = await ResourceRegistry.InStorageVersionAsync(current, kind, ct);
        live = write.Resource.IsStorageForm ? live : stored.ToTree();
        live.Meta().Remove("resourceVersion");
        var plan = new AllocationPlan();
        var admission = write.Admission(AdmissionOperation.Update, obj, stored, write.Name, plan, server.Objects);
        await server.Admission.MutateAsync(admission, ct);
        obj = SubresourceRules.Apply(kind, write.Subresource, admission.Object!, live);
        UpdateMetadata.KeepTimes(obj.Meta(), live.Meta());
        DisabledFields.Drop(obj, kind.Schema.Type, live);
        var context = new StrategyContext(write.User, server.Time, server.Objects, write.Options.DryRun);
        foreach (var strategy in kind.Strategies)
        {
            strategy.PrepareForUpdate(context, obj, live, write.Subresource);
        }

        admission.Object = obj; // what is validated is what will be stored
        var entry = Generations.Encode(write, obj, stored);
        Validate(write, entry, stored, obj, live);
        write.WarnOf(entry, stored, server.Features);
        await server.Admission.ValidateAsync(admission, ct);
        write.Warn(admission);
        if (DeletionRules.IsDueAfterUpdate(kind, obj, live))
        {
            return await CommitAsync(write, entry, current, plan, context, null, isConditional, ct);
        }

        if (entry.Json.Span.SequenceEqual(current.Stored))
        {
            return current;
        }

        entry = await Allocations.AllocateAsync(server, kind, context, obj, current, entry, plan, ct);
        return await CommitAsync(write, entry, current, plan, context, obj, isConditional, ct);
    }

    private async ValueTask<CacheEntry?> CommitAsync(WriteRequest write, CacheEntry entry, CacheEntry current, AllocationPlan plan, StrategyContext context, JsonObject? obj, bool isConditional, CancellationToken ct)
    {
        if (write.Options.DryRun)
        {
            return CacheEntry.FromStored(entry.Key, entry.Json, current.Revision);
        }

        if (obj is null)
        {
            await Allocations.AllocateAsync(server, write.Kind, context, null, current, entry, plan, ct);
        }

        var operation = obj is null ? Operation.Delete(entry.Key) : Operation.Put(entry.Key, entry.Json, write.Kind.Rules.TimeToLive);
        var transaction = Allocations.Transaction(server, new Compare(entry.Key, current.Revision), operation, plan, write.Kind.Durability);
        var result = await server.Store.CommitAsync(transaction, ct);
        await server.TakeEffectAsync(write.Kind, result.Revision, ct);
        if (result.Succeeded)
        {
            return CacheEntry.FromStored(entry.Key, entry.Json, result.Revision);
        }

        var lostObject = result.Current[0]?.ModRevision != current.Revision;
        return lostObject && isConditional
            ? throw StatusErrors.Modified(write.Resource.Schema.Group, write.Resource.Schema.Plural, write.Name)
            : null;
    }

    private void Validate(WriteRequest write, CacheEntry entry, CacheEntry current, JsonObject obj, JsonObject live)
    {
        var errors = new FieldErrors(server.Features, write.Resource.Schema.Group) { Time = server.Time };
        MetadataValidation.Update(write.Kind, obj.Meta(), live.Meta(), errors);
        foreach (var strategy in write.Kind.Strategies)
        {
            strategy.ValidateUpdate(entry, current, write.Subresource, errors);
        }

        foreach (var warning in errors.Warnings)
        {
            write.Call.Warn(warning);
        }

        if (errors.Items.Count > 0)
        {
            throw StatusErrors.Invalid(write.Kind.Schema.Group, write.Kind.Schema.Kind, write.Name, errors);
        }
    }
}
