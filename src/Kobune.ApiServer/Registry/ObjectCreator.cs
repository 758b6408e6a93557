using System.Text.Json.Nodes;
using Kobune.Api.Clocks;
using Kobune.Api.Schema;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Codec;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Fields;
using Kobune.ApiServer.Watch;
using Kobune.Storage;

namespace Kobune.ApiServer.Registry;

/// <summary>
/// Creates objects of every stored kind: name -> system fields -> field management -> mutating admission -> prepare -> validation -> validating
/// admission -> allocation -> one store transaction.
/// </summary>
internal sealed class ObjectCreator(ServerContext server)
{
    private const int MaxGeneratedNames = 8;
    private const int MaxTries = 20;
    private const int MaxGeneratePrefix = 58;
    private const string NameLetters = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>Creates what <paramref name="source"/> gives: a decoded and defaulted object in the version of the request, a new tree for every try.</summary>
    public async ValueTask<CacheEntry> CreateAsync(WriteRequest write, Func<JsonObject> source, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            var obj = source();
            var isGenerated = SetName(write, obj);
            var name = obj.Meta().TextAt("name");
            (var entry, var missed, name) = await TryAsync(write, obj, name, isGenerated, ct);
            if (entry is not null)
            {
                return entry;
            }

            if (missed == Miss.Name && (!isGenerated || attempt >= MaxGeneratedNames || !server.Features.IsEnabled("RetryGenerateName")))
            {
                throw isGenerated
                    ? StatusErrors.GenerateNameConflict(write.Resource.Schema.Group, write.Resource.Schema.Plural, name)
                    : await TakenAsync(write, name, ct);
            }

            if (attempt >= MaxTries)
            {
                throw StatusErrors.Conflict(write.Kind.Schema.Group, write.Kind.Schema.Plural, name, "what it needs was changed by others again and again");
            }
        }
    }

    private async ValueTask<StatusException> TakenAsync(WriteRequest write, string name, CancellationToken ct)
    {
        var other = await server.ReadFreshAsync(write.Kind.KeyOf(write.Namespace, name), ct);
        return StatusErrors.AlreadyExists(write.Resource.Schema.Group, write.Resource.Schema.Plural, name, other?.ToTree().Meta().TextAt("deletionTimestamp") is { Length: > 0 });
    }

    private bool SetName(WriteRequest write, JsonObject obj)
    {
        var metadata = obj.Meta();
        if (write.Kind.Schema.Namespaced)
        {
            metadata["namespace"] = write.Namespace;
        }
        else
        {
            metadata.Remove("namespace");
        }

        var prefix = metadata.TextAt("generateName");
        if (metadata.TextAt("name").Length > 0 || prefix.Length == 0)
        {
            return false;
        }

        prefix = prefix.Length > MaxGeneratePrefix ? prefix[..MaxGeneratePrefix] : prefix;
        metadata["name"] = prefix + Dice.NewText(server.Time, NameLetters, 5);
        return true;
    }

    /// <summary>One try; the name is the one that the object has after admission.</summary>
    private async ValueTask<(CacheEntry? Entry, Miss Miss, string Name)> TryAsync(WriteRequest write, JsonObject obj, string name, bool isGenerated, CancellationToken ct)
    {
        var kind = write.Kind;
        var metadata = obj.Meta();
        if (metadata.TextAt("resourceVersion") is { Length: > 0 })
        {
            throw StatusErrors.BadRequest("resourceVersion should not be set on objects to be created");
        }

        SetSystemFields(metadata);
        if (!write.IsApply)
        {
            write.ManageFields(null, obj, server);
        }

        write.Resource.VersionRules?.CheckVersion(write, obj, null);
        obj = await server.Registry.ToStorageAsync(obj, write.Resource, ct);

        var plan = new AllocationPlan();
        var admission = write.Admission(AdmissionOperation.Create, obj, null, name, plan, server.Objects, isNameGenerated: isGenerated);
        await server.Admission.MutateAsync(admission, ct);
        obj = admission.Object!;
        name = NameAfter(write, obj);
        DisabledFields.Drop(obj, kind.Schema.Type, null);
        var context = new StrategyContext(write.User, server.Time, server.Objects, write.Options.DryRun);
        Prepare(kind, context, obj);

        var key = kind.KeyOf(write.Namespace, name);
        var entry = CacheEntry.FromStored(key, ObjectCodec.Encode(kind.Schema.Type, obj), 0);
        var errors = new FieldErrors(server.Features, write.Resource.Schema.Group) { Time = server.Time };
        MetadataValidation.Create(kind, obj.Meta(), errors);
        foreach (var strategy in kind.Strategies)
        {
            strategy.Validate(entry, errors);
        }

        if (errors.Items.Count > 0)
        {
            throw StatusErrors.Invalid(kind.Schema.Group, kind.Schema.Kind, name, errors);
        }

        write.WarnOf(entry, null, server.Features);
        await server.Admission.ValidateAsync(admission, ct);
        write.Warn(admission);
        entry = await Allocations.AllocateAsync(server, kind, context, obj, null, entry, plan, ct);
        var (made, miss) = await CommitAsync(write, key, entry, plan, ct);
        return (made, miss, name);
    }

    /// <summary>The name that the object has after admission: a webhook may have given it another, but no other namespace; one that was taken away comes back.</summary>
    private static string NameAfter(WriteRequest write, JsonObject obj)
    {
        var metadata = obj.Meta();
        if (metadata.TextAt("namespace").Length == 0 && write.Namespace.Length > 0)
        {
            metadata["namespace"] = write.Namespace;
        }

        return metadata.TextAt("namespace") == write.Namespace
            ? metadata.TextAt("name")
            : throw StatusErrors.OtherNamespace();
    }

    private async ValueTask<(CacheEntry? Entry, Miss Miss)> CommitAsync(WriteRequest write, string key, CacheEntry entry, AllocationPlan plan, CancellationToken ct)
    {
        if (write.Options.DryRun)
        {
            return await server.ReadFreshAsync(key, ct) is null ? (entry, Miss.None) : (null, Miss.Name);
        }

        var transaction = Allocations.Transaction(server, new Compare(key, 0), Operation.Put(key, entry.Json, write.Kind.Rules.TimeToLive), plan, write.Kind.Durability);
        var result = await server.Store.CommitAsync(transaction, ct);
        await server.TakeEffectAsync(write.Kind, result.Revision, ct);
        return result.Succeeded
            ? (CacheEntry.FromStored(key, entry.Json, result.Revision), Miss.None)
            : (null, result.Current[0] is not null ? Miss.Name : Miss.Plan);
    }

    private void SetSystemFields(JsonObject metadata)
    {
        metadata["uid"] = Dice.NewUid(server.Time);
        metadata["creationTimestamp"] = ObjectTree.Rfc3339(server.Time.GetUtcNow());
        metadata.Remove("deletionTimestamp");
        metadata.Remove("deletionGracePeriodSeconds");
        metadata.Remove("generation");
        metadata.Remove("selfLink");
    }

    private static void Prepare(StoredKind kind, StrategyContext context, JsonObject obj)
    {
        if (kind.Rules.Generation is not null || kind.Rules.CountsEverything)
        {
            obj.Meta()["generation"] = 1;
        }

        if (kind.HasStatus && !kind.Rules.KeepsStatusOnCreate)
        {
            obj.Remove("status");
        }

        foreach (var strategy in kind.Strategies)
        {
            strategy.PrepareForCreate(context, obj);
        }
    }

    private enum Miss
    {
        None,
        Name,
        Plan,
    }
}
