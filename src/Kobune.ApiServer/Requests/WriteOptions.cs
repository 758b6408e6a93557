using System.Globalization;
using System.Text;
using Kobune.Api.Validation;
using Kobune.ApiServer.Codec;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Requests;

/// <summary>The parameters of a write: dryRun, fieldManager, fieldValidation.</summary>
internal sealed record WriteOptions(bool DryRun, string FieldManager, FieldValidation FieldValidation)
{
    private const int MaxManager = 128;

    /// <summary>Of an apply: whether it takes fields from other managers.</summary>
    public bool Force { get; init; }

    /// <summary>fieldValidation as the client gave it, which admission is shown; empty for nothing.</summary>
    public string GivenFieldValidation { get; init; } = "";

    /// <summary>Reads and checks those of a patch of a media type.</summary>
    public static WriteOptions ParsePatch(QueryValues query, string mediaType)
    {
        var errors = new FieldErrors();
        var isApply = mediaType == MediaTypes.ApplyPatch;
        if (!isApply && query.Find("force") is not null)
        {
            errors.Forbidden("force", "may not be specified for non-apply patch");
        }
        else if (isApply && query.Get("fieldManager").Length == 0)
        {
            errors.Required("fieldManager", "is required for apply patch");
        }

        return Parse(query, "PatchOptions", errors) with { Force = isApply && query.Flag("force") };
    }

    /// <summary>Reads and checks them; refuses as upstream's ValidateCreateOptions does.</summary>
    public static WriteOptions Parse(QueryValues query, string kind) => Parse(query, kind, new FieldErrors());

    private static WriteOptions Parse(QueryValues query, string kind, FieldErrors errors)
    {
        var manager = query.Get("fieldManager");
        CheckManager(manager, errors);
        var validation = query.Get("fieldValidation") switch
        {
            "" or "Warn" => FieldValidation.Warn,
            "Ignore" => FieldValidation.Ignore,
            "Strict" => FieldValidation.Strict,
            _ => (FieldValidation?)null,
        };
        if (validation is null)
        {
            errors.NotSupported("fieldValidation", query.Get("fieldValidation"), ["", "Ignore", "Strict", "Warn"]);
        }

        var dryRun = DryRunOf(query.GetAll("dryRun").ToArray(), errors);
        if (errors.Items.Count > 0)
        {
            throw StatusErrors.Invalid("meta.k8s.io", kind, "", errors);
        }

        return new(dryRun, manager, validation!.Value) { GivenFieldValidation = query.Get("fieldValidation") };
    }

    /// <summary>Whether nothing may be kept; only "All" is known.</summary>
    public static bool DryRunOf(IReadOnlyList<string> values, FieldErrors errors)
    {
        if (values.Any(v => v != "All"))
        {
            errors.NotSupported("dryRun", values, ["All"]);
        }

        return values.Count > 0;
    }

    /// <summary>Upstream's ValidateFieldManager: length and places count bytes.</summary>
    private static void CheckManager(string manager, FieldErrors errors)
    {
        if (Encoding.UTF8.GetByteCount(manager) > MaxManager)
        {
            errors.TooLong("fieldManager", MaxManager);
        }

        var place = 0;
        foreach (var rune in manager.EnumerateRunes())
        {
            if (!GoQuote.IsPrinted(rune))
            {
                errors.Invalid("fieldManager", manager, string.Create(CultureInfo.InvariantCulture, $"invalid character U+{rune.Value:X4} (at position {place})"));
            }

            place += rune.Utf8SequenceLength;
        }
    }
}
