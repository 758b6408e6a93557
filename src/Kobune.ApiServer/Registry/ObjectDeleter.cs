using System.Text.Json.Nodes;
using Kobune.Api.Meta.V1;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Admission.Webhooks;
using Kobune.ApiServer.Codec;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Watch;
using Kobune.Storage;

namespace Kobune.ApiServer.Registry;

/// <summary>What a delete did.</summary>
/// <param name="Entry">The object as it was last seen.</param>
/// <param name="IsGone">Whether it is gone, or only marked.</param>
internal sealed record Deletion(CacheEntry Entry, bool IsGone)
{
    /// <summary>Whether it has a grace of no time, which is over: it is to go with the next write.</summary>
    public bool IsMarked { get; init; }
}

/// <summary>Deletes objects of every stored kind: preconditions -> validating admission -> grace -> finalizers -> one store transaction.</summary>
internal sealed class ObjectDeleter(ServerContext server)
{
    private const int MaxTries = 20;

    /// <summary>Deletes the object that <paramref name="write"/> names, or marks it when grace or finalizers hold it.</summary>
    /// <exception cref="StatusException">NotFound, Conflict, Forbidden.</exception>
    public async ValueTask<Deletion> DeleteAsync(WriteRequest write, DeleteOptions options, CancellationToken ct)
    {
        var schema = write.Resource.Schema;
        if (write.Kind.Rules.DefaultDeletionWarning is { } warning && options is { PropagationPolicy: null, OrphanDependents: null })
        {
            write.Call.Warn(warning);
        }

        CacheEntry? marked = null;
        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            if (await server.ReadFreshAsync(write.Key, ct) is not { } current)
            {
                return marked is null ? throw StatusErrors.NotFound(schema.Group, schema.Plural, write.Name) : new(marked, IsGone: true); // somebody took away what this delete had marked
            }

            if (marked is not null && current.Uid != marked.Uid)
            {
                return new(marked, IsGone: true);
            }

            CheckPreconditions(write, marked is null ? options.Preconditions : null, current);
            var plan = new AllocationPlan();
            var admission = write.Admission(AdmissionOperation.Delete, null, current, write.Name, plan, server.Objects, ShownOptions.Of(options));
            await server.Admission.MutateAsync(admission, ct);
            await server.Admission.ValidateAsync(admission, ct);
            write.Warn(admission);
            var done = await TryAsync(write, options, current, plan, ct);
            if (done is { IsMarked: true })
            {
                marked = done.Entry;
                done = await CommitAsync(write, marked, marked, Operation.Delete(marked.Key), new AllocationPlan(), isGone: true, ct);
            }

            if (done is not null)
            {
                return done;
            }
        }

        throw StatusErrors.Modified(schema.Group, schema.Plural, write.Name);
    }

    private static void CheckPreconditions(WriteRequest write, Preconditions? wanted, CacheEntry current)
    {
        var schema = write.Resource.Schema;
        if (wanted?.Uid is { Length: > 0 } uid && uid != current.Uid)
        {
            throw StatusErrors.Conflict(schema.Group, schema.Kind, write.Name, $"the UID in the precondition ({uid}) does not match the UID in record ({current.Uid}). The object might have been deleted and then recreated");
        }

        if (wanted?.ResourceVersion is { Length: > 0 } version && version != $"{current.Revision}")
        {
            throw StatusErrors.Conflict(schema.Group, schema.Kind, write.Name, $"the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in record ({current.Revision}). The object might have been modified");
        }
    }

    private async ValueTask<Deletion?> TryAsync(WriteRequest write, DeleteOptions options, CacheEntry current, AllocationPlan plan, CancellationToken ct)
    {
        var kind = write.Kind;
        var obj = (await ResourceRegistry.InStorageVersionAsync(current, kind, ct)).ToTree();
        obj.Meta().Remove("resourceVersion");
        var before = (JsonObject)obj.DeepClone();
        DeletionMarks.SetFinalizers(obj, DeletionRules.FinalizersFor(kind, obj, options));
        var isHeld = DeletionRules.IsHeld(kind, obj);
        var isGraceful = DeletionMarks.MarkGraceful(kind, obj, options, server.Time.GetUtcNow());
        var isOver = isGraceful && !isHeld && obj.Meta().NumberAt("deletionGracePeriodSeconds") == 0;
        if (!isGraceful && !isHeld)
        {
            return await CommitAsync(write, current, current, Operation.Delete(current.Key), plan, isGone: true, ct);
        }

        if (!isGraceful)
        {
            DeletionMarks.MarkAtOnce(kind, obj, server.Time.GetUtcNow());
        }

        if (JsonNode.DeepEquals(before, obj))
        {
            return new(current, IsGone: false); // deleted before; nothing new was asked
        }

        var entry = CacheEntry.FromStored(current.Key, ObjectCodec.Encode(kind.Schema.Type, obj), 0);
        var done = await CommitAsync(write, current, entry, Operation.Put(current.Key, entry.Json, kind.Rules.TimeToLive), plan, isGone: false, ct);
        return !isOver ? done : write.Options.DryRun ? new(done!.Entry, IsGone: true) : done is null ? null : done with { IsMarked = true };
    }

    private async ValueTask<Deletion?> CommitAsync(WriteRequest write, CacheEntry current, CacheEntry entry, Operation operation, AllocationPlan plan, bool isGone, CancellationToken ct)
    {
        if (write.Options.DryRun)
        {
            return new(isGone ? current : CacheEntry.FromStored(entry.Key, entry.Json, current.Revision), isGone);
        }

        if (isGone)
        {
            var context = new StrategyContext(write.User, server.Time, server.Objects, DryRun: false);
            await Allocations.AllocateAsync(server, write.Kind, context, null, current, entry, plan, ct);
        }

        var transaction = Allocations.Transaction(server, new Compare(current.Key, current.Revision), operation, plan, write.Kind.Durability);
        var result = await server.Store.CommitAsync(transaction, ct);
        await server.TakeEffectAsync(write.Kind, result.Revision, ct);
        return !result.Succeeded ? null
            : isGone ? new(current.AtRevision(result.Revision), IsGone: true)
            : new(CacheEntry.FromStored(entry.Key, entry.Json, result.Revision), IsGone: false);
    }
}
