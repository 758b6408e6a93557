using System.Globalization;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Watch;

namespace Kobune.ApiServer.Registry;

/// <summary>What an update may say in the metadata, and what of it is taken. Source: apiserver/pkg/registry/rest, apimachinery's ValidateObjectMetaUpdate.</summary>
internal static class UpdateMetadata
{
    /// <summary>True when the write insists on the revision of <paramref name="current"/>.</summary>
    public static bool CheckPreconditions(WriteRequest write, JsonObject metadata, CacheEntry current)
    {
        var schema = write.Resource.Schema;
        var version = metadata.TextAt("resourceVersion");
        var uid = metadata.TextAt("uid");
        if (uid.Length > 0 && uid != current.Uid)
        {
            throw write.IsReplacement
                ? OtherUid(write, uid, current.Uid)
                : Immutable(write, ("uid", uid));
        }

        if (version is "" or "0")
        {
            return write.IsReplacement && !write.Kind.Rules.AllowUnconditionalUpdate
                ? throw MissingVersion(write.Resource, write.Name)
                : false;
        }

        if (!long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var revision))
        {
            throw StatusErrors.Unknown($"strconv.ParseUint: parsing \"{version}\": {(version.All(char.IsAsciiDigit) ? "value out of range" : "invalid syntax")}");
        }

        return revision == current.Revision ? true : throw StatusErrors.Modified(schema.Group, schema.Plural, write.Name);
    }

    /// <summary>A body that replaces another object of the same name, which upstream's storage finds out.</summary>
    public static StatusException OtherUid(WriteRequest write, string wanted, string uid) => StatusErrors.Conflict(
        write.Resource.Schema.Group,
        write.Resource.Schema.Plural,
        write.Name,
        $"StorageError: invalid object, Code: 4, Key: {(write.Options.DryRun ? write.Key["/registry".Length..] : write.Key)}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: {wanted}, UID in object meta: {uid}");

    /// <summary>A write without a revision, of a kind that wants one. Upstream tells the resource where it tells the kind otherwise.</summary>
    public static StatusException MissingVersion(ServedResource resource, string name)
    {
        var errors = new FieldErrors();
        errors.Invalid("metadata.resourceVersion", 0, "must be specified for an update");
        return StatusErrors.Invalid(resource.Schema.Group, resource.Schema.Plural, name, errors);
    }

    /// <summary>Only a deletion sets its times; an object that goes keeps them whatever is sent.</summary>
    public static void CheckDeletion(WriteRequest write, JsonObject metadata, JsonObject live)
    {
        if (live.TextAt("deletionTimestamp").Length > 0)
        {
            return;
        }

        var sent = new List<(string, object)>();
        if (metadata.TextAt("deletionTimestamp") is { Length: > 0 } time)
        {
            sent.Add(("deletionTimestamp", time));
        }

        if (metadata.NumberAt("deletionGracePeriodSeconds") is { } grace)
        {
            sent.Add(("deletionGracePeriodSeconds", grace));
        }

        if (sent.Count > 0)
        {
            throw Immutable(write, [.. sent]);
        }
    }

    /// <summary>What only the server sets stays as it is, whatever is sent.</summary>
    public static void CarrySystemFields(JsonObject metadata, JsonObject live)
    {
        foreach (var name in (ReadOnlySpan<string>)["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation"])
        {
            metadata.TakeFrom(name, live);
        }

        metadata.Remove("resourceVersion");
        metadata.Remove("selfLink");
    }

    /// <summary>Takes back what admission must not change.</summary>
    public static void KeepTimes(JsonObject metadata, JsonObject live)
    {
        foreach (var name in (ReadOnlySpan<string>)["creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation"])
        {
            metadata.TakeFrom(name, live);
        }
    }

    private static StatusException Immutable(WriteRequest write, params (string Name, object Value)[] fields)
    {
        var errors = new FieldErrors();
        foreach (var (name, value) in fields)
        {
            errors.Invalid($"metadata.{name}", value, "field is immutable");
        }

        return StatusErrors.Invalid(write.Kind.Schema.Group, write.Kind.Schema.Kind, write.Name, errors);
    }
}
