using System.Text.Json.Nodes;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.CustomResources;

/// <summary>Which names a CustomResourceDefinition gets: those that no other of its group has. Pure. Source: k8s.io/apiextensions-apiserver, controller/status/naming_controller.go and controller/establish.</summary>
internal static class DefinitionNames
{
    /// <summary>Holds a definition until its objects are gone.</summary>
    public const string Finalizer = "customresourcecleanup.apiextensions.k8s.io";

    private static readonly (string Field, string Reason)[] Single = [("plural", "PluralConflict"), ("singular", "SingularConflict")];
    private static readonly (string Field, string Reason)[] Kinds = [("kind", "KindConflict"), ("listKind", "ListKindConflict")];

    /// <summary>The status as it ought to be: accepted names, NamesAccepted and Established.</summary>
    public static JsonObject Status(JsonObject crd, IEnumerable<JsonObject> all, string now)
    {
        var status = (JsonObject?)(crd["status"] as JsonObject)?.DeepClone() ?? [];
        var wanted = crd["spec"]?["names"] as JsonObject ?? [];
        var accepted = (JsonObject?)(status["acceptedNames"] as JsonObject)?.DeepClone() ?? [];
        var others = all.Where(o => o.Meta().TextAt("name") != crd.Meta().TextAt("name") && (o["spec"] as JsonObject).TextAt("group") == (crd["spec"] as JsonObject).TextAt("group"))
            .Select(o => o["status"]?["acceptedNames"] as JsonObject ?? []).ToArray();
        var resources = others.SelectMany(n => new[] { n.TextAt("plural"), n.TextAt("singular") }.Concat(n.TextsAt("shortNames"))).Where(n => n.Length > 0).ToHashSet(StringComparer.Ordinal);
        var kinds = others.SelectMany(n => new[] { n.TextAt("kind"), n.TextAt("listKind") }).Where(n => n.Length > 0).ToHashSet(StringComparer.Ordinal);
        (string Reason, string Message)?[] conflicts = [Take(Single, wanted, accepted, resources), TakeShort(wanted, accepted, resources), Take(Kinds, wanted, accepted, kinds)];
        var conflict = conflicts.LastOrDefault(c => c is not null); // upstream tells of the last one
        accepted.TakeFrom("categories", wanted);
        status["acceptedNames"] = accepted;
        var names = conflict is { } why ? Condition("NamesAccepted", "False", why.Reason, why.Message) : Condition("NamesAccepted", "True", "NoConflicts", "no conflicts found");
        Set(status, names, now);
        if (!IsTrue(status, "Established"))
        {
            Set(status, conflict is null ? Condition("Established", "True", "InitialNamesAccepted", "the initial names have been accepted") : Condition("Established", "False", "NotAccepted", "not all names are accepted"), now);
        }

        return status;
    }

    /// <summary>Marks a definition whose objects are being removed.</summary>
    public static void SetTerminating(JsonObject status, string now) =>
        Set(status, Condition("Terminating", "True", "InstanceDeletionInProgress", "CustomResource deletion is in progress"), now);

    public static bool IsTrue(JsonObject? status, string type) =>
        (status?["conditions"] as JsonArray)?.OfType<JsonObject>().Any(c => c.TextAt("type") == type && c.TextAt("status") == "True") == true;

    private static (string Reason, string Message)? Take(IEnumerable<(string Field, string Reason)> fields, JsonObject wanted, JsonObject accepted, HashSet<string> taken)
    {
        (string, string)? conflict = null;
        foreach (var (field, reason) in fields)
        {
            var name = wanted.TextAt(field);
            if (name.Length > 0 && name != accepted.TextAt(field) && taken.Contains(name))
            {
                conflict = (reason, $"\"{name}\" is already in use");
            }
            else
            {
                accepted.TakeFrom(field, wanted);
            }
        }

        return conflict;
    }

    private static (string Reason, string Message)? TakeShort(JsonObject wanted, JsonObject accepted, HashSet<string> taken)
    {
        var known = accepted.TextsAt("shortNames").ToHashSet(StringComparer.Ordinal);
        var used = wanted.TextsAt("shortNames").Where(n => !known.Contains(n) && taken.Contains(n)).ToArray();
        if (used.Length == 0)
        {
            accepted.TakeFrom("shortNames", wanted);
            return null;
        }

        var text = used.Select(n => $"\"{n}\" is already in use").ToArray();
        return ("ShortNamesConflict", text.Length == 1 ? text[0] : $"[{string.Join(", ", text)}]");
    }

    private static JsonObject Condition(string type, string status, string reason, string message) =>
        new() { ["type"] = type, ["status"] = status, ["reason"] = reason, ["message"] = message };

    private static void Set(JsonObject status, JsonObject condition, string now)
    {
        if (status["conditions"] is not JsonArray conditions)
        {
            status["conditions"] = conditions = [];
        }

        var known = conditions.OfType<JsonObject>().FirstOrDefault(c => c.TextAt("type") == condition.TextAt("type"));
        if (known is null)
        {
            condition["lastTransitionTime"] = now;
            conditions.Add((JsonNode)condition);
            return;
        }

        if (known.TextAt("status") != condition.TextAt("status"))
        {
            known["lastTransitionTime"] = now;
        }

        foreach (var name in (ReadOnlySpan<string>)["status", "reason", "message"])
        {
            known.TakeFrom(name, condition);
        }
    }
}
