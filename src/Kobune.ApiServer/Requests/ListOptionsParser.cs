using Kobune.Api.Features;
using Kobune.Api.Selectors;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Watch;

namespace Kobune.ApiServer.Requests;

/// <summary>Reads list and watch parameters. Source: upstream's internalversion validation of ListOptions.</summary>
internal static class ListOptionsParser
{
    private static readonly string[] KnownMatches = ["Exact", "NotOlderThan", ""]; // upstream's order, which clients are shown

    /// <summary>The revision that a get asks for: null unset, else the number. A wrong one is a storage error that upstream passes on without a reason (cacher: Get).</summary>
    public static long? GetRevision(string text) => TryRevision(text, out var revision) ? revision : throw UnreadableRevision(text);

    private static StatusException UnreadableRevision(string text) => StatusErrors.Of(500, "", $"resourceVersion: Invalid value: \"{text}\": {NoNumber(text)}");

    private static bool TryRevision(string text, out long? revision)
    {
        var isNumber = long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number);
        revision = isNumber ? number : null;
        return isNumber || text.Length == 0;
    }

    private static string NoNumber(string text) => $"strconv.ParseUint: parsing \"{text}\": invalid syntax";

    public static ListQuery List(QueryValues query, EntryFilter filter)
    {
        var version = query.Get("resourceVersion");
        var match = query.Get("resourceVersionMatch");
        var token = query.Get("continue");
        var errors = new FieldErrors();
        if (match.Length > 0)
        {
            CheckListMatch(match, version, token, errors);
        }

        if (query.Find("sendInitialEvents") is not null)
        {
            errors.Forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list");
        }

        Throw(errors);
        if (token.Length > 0 && version is not ("" or "0"))
        {
            throw StatusErrors.BadRequest("specifying resource version is not allowed when using continue");
        }

        if (!TryRevision(version, out var revision))
        {
            throw StatusErrors.BadRequest($"invalid resource version: resourceVersion: Invalid value: \"{version}\": {NoNumber(version)}");
        }

        var limit = Number(query, "limit") ?? 0;
        _ = Number(query, "timeoutSeconds"); // it limits nothing here, but has to be a number
        var kind = match switch { "Exact" => VersionMatch.Exact, "NotOlderThan" => VersionMatch.NotOlderThan, _ => VersionMatch.Unset };
        return new(filter, revision, kind, (int)Math.Clamp(limit, 0, int.MaxValue), token);
    }

    public static WatchQuery Watch(QueryValues query, EntryFilter filter, FeatureGates features, TimeSpan least, Random dice)
    {
        var match = query.Get("resourceVersionMatch");
        var initial = query.Find("sendInitialEvents") is null ? (bool?)null : query.Flag("sendInitialEvents");
        var allowed = features.IsEnabled("WatchList");
        if (allowed && initial is null && match.Length == 0 && query.Get("resourceVersion") is ("" or "0"))
        {
            (initial, match) = (true, "NotOlderThan"); // what old clients mean by it (upstream: internalversion SetListOptionsDefaults)
        }

        var errors = new FieldErrors();
        if (initial is not null && match != "NotOlderThan")
        {
            errors.Forbidden("resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
        }

        if (initial is not null && !allowed)
        {
            errors.Forbidden("sendInitialEvents", "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled");
        }

        if (match.Length > 0)
        {
            CheckWatchMatch(match, initial, query.Get("continue"), errors);
        }

        Throw(errors);
        _ = Number(query, "limit"); // it limits nothing here, but has to be a number
        var seconds = Number(query, "timeoutSeconds") ?? 0;
        var timeout = seconds > 0 ? TimeSpan.FromSeconds(Math.Min(seconds, 86400)) : least * (1 + dice.NextDouble());
        var version = query.Get("resourceVersion");
        if (!TryRevision(version, out var revision))
        {
            throw UnreadableRevision(version);
        }

        return new(filter, revision, initial, query.Flag("allowWatchBookmarks"), timeout);
    }

    public static EntryFilter Filter(QueryValues query, string ns, string name, Func<string, string?> problemOf)
    {
        var labels = ParseLabels(query.Get("labelSelector"));
        var fields = ParseFields(query.Get("fieldSelector"));
        foreach (var requirement in fields.Requirements)
        {
            if (problemOf(requirement.Field) is { } problem)
            {
                throw StatusErrors.BadRequest(problem);
            }
        }

        if (name.Length > 0 && fields.ExactValue("metadata.name") is null)
        {
            fields = FieldSelector.Parse($"metadata.name={name}"); // a watch of one object by its path
        }

        return new(ns, labels, fields);
    }

    private static Selector ParseLabels(string text)
    {
        try
        {
            return text.Length == 0 ? Selector.Everything : Selector.Parse(text);
        }
        catch (FormatException e)
        {
            throw StatusErrors.BadRequest(e.Message);
        }
    }

    private static FieldSelector ParseFields(string text)
    {
        try
        {
            return text.Length == 0 ? FieldSelector.Everything : FieldSelector.Parse(text);
        }
        catch (FormatException e)
        {
            throw StatusErrors.BadRequest(e.Message);
        }
    }

    private static void CheckListMatch(string match, string version, string token, FieldErrors errors)
    {
        if (version.Length == 0)
        {
            errors.Forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided");
        }

        if (token.Length > 0)
        {
            errors.Forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided");
        }

        if (match is not ("Exact" or "NotOlderThan"))
        {
            errors.NotSupported("resourceVersionMatch", match, KnownMatches);
        }

        if (match == "Exact" && version == "0")
        {
            errors.Forbidden("resourceVersionMatch", "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
        }
    }

    private static void CheckWatchMatch(string match, bool? initial, string token, FieldErrors errors)
    {
        if (initial is null)
        {
            errors.Forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
        }

        if (match != "NotOlderThan")
        {
            errors.NotSupported("resourceVersionMatch", match, ["NotOlderThan"]);
        }

        if (token.Length > 0)
        {
            errors.Forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided");
        }
    }

    private static long? Number(QueryValues query, string name)
    {
        try
        {
            return query.Number(name);
        }
        catch (FormatException e)
        {
            throw StatusErrors.BadRequest(e.Message);
        }
    }

    private static void Throw(FieldErrors errors)
    {
        if (errors.Items.Count > 0)
        {
            throw StatusErrors.Invalid("meta.k8s.io", "ListOptions", "", errors);
        }
    }
}
