using System.Text.Json.Nodes;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.ApiExtensions;

/// <summary>The names of a definition, those of its spec and those that it was given; and who may use a group of Kubernetes'. Source: k8s.io/apiextensions-apiserver, apis/apiextensions/validation.</summary>
internal static class DefinitionNameRules
{
    private const string Approval = "api-approved.kubernetes.io";
    private const string Proposal = ", see https://github.com/kubernetes/enhancements/pull/1111";

    /// <summary>Names that a spec must have and a status need not.</summary>
    public static void Required(JsonObject? names, FieldErrors errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["plural", "singular", "kind", "listKind"])
        {
            errors.RequiredName($"spec.names.{field}", names.TextAt(field));
        }
    }

    public static void Validate(JsonObject? names, string path, FieldErrors errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["plural", "singular", "kind", "listKind"])
        {
            var value = names.TextAt(field);
            var mayBeMixed = field is "kind" or "listKind";
            Label(mayBeMixed ? value.ToLowerInvariant() : value, value, $"{path}.{field}", mayBeMixed ? "may have mixed case, but should otherwise match: " : "", errors);
        }

        List(names, "shortNames", path, errors);
        if (names.TextAt("kind") is { Length: > 0 } kind && kind == names.TextAt("listKind"))
        {
            errors.Invalid($"{path}.listKind", kind, "kind and listKind may not be the same");
        }

        List(names, "categories", path, errors);
    }

    /// <summary>Groups of Kubernetes' own need a word of approval; what was so before stays.</summary>
    public static void Approved(JsonObject crd, JsonObject? old, FieldErrors errors)
    {
        var group = (crd["spec"] as JsonObject).TextAt("group");
        var isProtected = group is "k8s.io" or "kubernetes.io" || group.EndsWith(".k8s.io", StringComparison.Ordinal) || group.EndsWith(".kubernetes.io", StringComparison.Ordinal);
        var text = ApprovalOf(crd);
        var state = State(text);
        if (!isProtected || (old is not null && State(ApprovalOf(old)) == state))
        {
            return;
        }

        const string Path = $"metadata.annotations[{Approval}]";
        if (state == "missing")
        {
            errors.Required(Path, $"protected groups must have approval annotation \"{Approval}\"{Proposal}");
        }
        else if (state == "invalid")
        {
            errors.Invalid(Path, text, $"protected groups must have approval annotation \"{Approval}\" with either a URL or a reason starting with \"unapproved\"{Proposal}");
        }
    }

    private static string ApprovalOf(JsonObject crd) => (crd.Meta()["annotations"] as JsonObject).TextAt(Approval);

    private static string State(string text) =>
        text.Length == 0 ? "missing"
        : text.StartsWith("unapproved", StringComparison.Ordinal) ? "bypassed"
        : text.Contains("://", StringComparison.Ordinal) && Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Host.Length > 0 ? "approved"
        : "invalid";

    private static void List(JsonObject? names, string list, string path, FieldErrors errors)
    {
        var index = 0;
        foreach (var value in names.TextsAt(list))
        {
            Label(value, value, $"{path}.{list}[{index++}]", "", errors, mayBeEmpty: false);
        }
    }

    private static void Label(string label, string shown, string path, string before, FieldErrors errors, bool mayBeEmpty = true)
    {
        if ((label.Length > 0 || !mayBeEmpty) && string.Join(',', NameValidation.Dns1035Label(label)) is { Length: > 0 } problems)
        {
            errors.Invalid(path, shown, before + problems);
        }
    }
}
