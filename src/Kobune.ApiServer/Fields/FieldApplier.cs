using System.Text.Json.Nodes;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Fields;

/// <summary>One server-side apply: who applies, and what the endpoint does not write.</summary>
/// <param name="Writer">Manager, version and subresource.</param>
/// <param name="Force">Whether fields of others are taken.</param>
/// <param name="ResetFields">Paths that this endpoint does not write.</param>
/// <param name="Shape">The kind's type.</param>
/// <param name="Now">RFC 3339.</param>
internal sealed record ApplyRequest(FieldWriter Writer, bool Force, IReadOnlyList<string[]> ResetFields, FieldShape Shape, string Now);

/// <summary>
/// Server-side apply: merges a configuration into the object, takes out what the manager applied before and no longer does, and refuses to change what
/// others own. Source: structured-merge-diff, merge.Updater.Apply; k8s.io/apimachinery, util/managedfields (the Apply side).
/// </summary>
internal static class FieldApplier
{
    private const string BeforeFirstApply = "before-first-apply";

    /// <summary>The object after the apply, managed fields included. <paramref name="live"/> is kept as it is; an object that is not there yet is one without managed fields and content.</summary>
    /// <exception cref="StatusException">The configuration does not fit the schema, or conflicts with other managers.</exception>
    public static JsonObject Apply(JsonObject live, JsonObject config, ApplyRequest request)
    {
        if (request.Force || !LastApplied.MayTakeOver(request.Writer, live))
        {
            return LastApplied.Follow(Run(live, config, request, FieldDiff.Nothing), config, request.Writer);
        }

        return LastApplied.Follow(Run(live, config, request, LastApplied.FieldsOf(live, request.Shape)), config, request.Writer);
    }

    /// <param name="live">The object.</param>
    /// <param name="config">What is applied.</param>
    /// <param name="request">By whom and how.</param>
    /// <param name="yielded">Fields whose other owners give way without force.</param>
    private static JsonObject Run(JsonObject live, JsonObject config, ApplyRequest request, FieldSet yielded)
    {
        var bare = Bare(live, request.Shape);
        var known = ManagedEntry.Decode(live.Meta()["managedFields"]);
        if (known is null)
        {
            AppliedFields.CheckLive(bare, request.Shape, isManaged: false);
        }

        var fields = AppliedFields.Of(config, request.Shape);
        if (known is not null)
        {
            AppliedFields.CheckLive(bare, request.Shape, isManaged: true);
        }

        var entries = known ?? Existing(bare, request);
        var mine = new ManagedEntry
        {
            Manager = request.Writer.Name,
            Operation = ManagedEntry.Apply,
            ApiVersion = request.Writer.ApiVersion,
            Subresource = request.Writer.Subresource,
            Fields = Without(fields, request.ResetFields),
        };
        var before = entries.Find(mine.IsSameManager);
        var others = entries.Where(e => !e.IsSameManager(mine)).ToList();
        var merged = (JsonObject)bare.DeepClone();
        FieldMerge.Merge(merged, config, request.Shape);
        if (before is not null)
        {
            AbandonedFields.Prune(merged, before.Fields, [mine.Fields, .. others.Select(o => o.Fields)], request.Shape);
        }

        var diff = FieldDiff.Between(bare, merged, request.Shape);
        TakeFromOthers(others, diff.For(request.Writer, request.ResetFields, request.Shape), request.Force, yielded);
        mine.Time = JsonNode.DeepEquals(bare, merged) ? before?.Time ?? "" : request.Now; // an apply that changes nothing leaves no time
        Write(merged, [.. others, mine]);
        return merged;
    }

    private static JsonObject Bare(JsonObject live, FieldShape shape)
    {
        var bare = (JsonObject)live.DeepClone();
        bare.Meta().Remove("managedFields");
        return shape.Canonical(bare);
    }

    /// <summary>What an object without managers holds is everybody's, until somebody applies.</summary>
    private static List<ManagedEntry> Existing(JsonObject bare, ApplyRequest request)
    {
        var all = Without(FieldDiff.Between(request.Shape.Canonical([]), bare, request.Shape).Taken, request.ResetFields);
        return all.IsEmpty ? [] : [new ManagedEntry { Manager = BeforeFirstApply, Operation = "Update", ApiVersion = request.Writer.ApiVersion, Subresource = request.Writer.Subresource, Time = request.Now, Fields = all }];
    }

    private static void TakeFromOthers(List<ManagedEntry> others, Func<string, FieldDiff> changes, bool force, FieldSet yielded)
    {
        var conflicts = new List<(ManagedEntry Entry, FieldSet Fields)>();
        foreach (var other in others)
        {
            var conflict = other.Fields.Intersect(changes(other.ApiVersion).Taken);
            conflict.Remove(yielded);
            if (!conflict.IsEmpty)
            {
                conflicts.Add((other, conflict));
            }
        }

        if (!force && conflicts.Count > 0)
        {
            throw ApplyConflicts.Of(conflicts);
        }

        foreach (var other in others)
        {
            other.Fields.Remove(changes(other.ApiVersion).Taken);
            other.Fields.Remove(changes(other.ApiVersion).Removed);
        }
    }

    private static void Write(JsonObject obj, List<ManagedEntry> entries)
    {
        entries.RemoveAll(e => e.Fields.IsEmpty);
        if (entries.Count > 0)
        {
            obj.Meta()["managedFields"] = ManagedEntry.Encode(FieldManager.Capped(entries));
        }
    }

    private static FieldSet Without(FieldSet fields, IReadOnlyList<string[]> paths)
    {
        var rest = fields.Clone();
        foreach (var path in paths)
        {
            rest.RemoveBelow(path);
        }

        return rest;
    }
}
