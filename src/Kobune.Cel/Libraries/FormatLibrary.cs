using Kobune.Cel.Types;
using Kobune.Cel.Values;

namespace Kobune.Cel.Libraries;

/// <summary>Kubernetes' named formats: <c>format.dns1123Label().validate(text)</c> gives what is wrong, or nothing.</summary>
internal static class FormatLibrary
{
    private static readonly CelType F = CelFormatValue.FormatType;

    private static readonly Dictionary<string, CelFormatValue> Formats = new()
    {
        ["dns1123Label"] = new("DNS1123Label", 30, NameFormats.Label),
        ["dns1123Subdomain"] = new("DNS1123Subdomain", 60, NameFormats.Subdomain),
        ["dns1035Label"] = new("DNS1035Label", 30, NameFormats.Label1035),
        ["qualifiedName"] = new("QualifiedName", 60, NameFormats.QualifiedName),
        ["dns1123LabelPrefix"] = new("DNS1123LabelPrefix", 30, s => NameFormats.Label(NameFormats.AsPrefix(s))),
        ["dns1123SubdomainPrefix"] = new("DNS1123SubdomainPrefix", 60, s => NameFormats.Subdomain(NameFormats.AsPrefix(s))),
        ["dns1035LabelPrefix"] = new("DNS1035LabelPrefix", 30, s => NameFormats.Label1035(NameFormats.AsPrefix(s))),
        ["labelValue"] = new("LabelValue", 40, NameFormats.LabelValue),
        ["uri"] = new("URI", 1_103, DataFormats.Uri),
        ["uuid"] = new("uuid", 70, DataFormats.Uuid),
        ["byte"] = new("byte", 84, DataFormats.Base64),
        ["date"] = new("date", 71, DataFormats.Date),
        ["datetime"] = new("datetime", 71, DataFormats.DateTime),
    };

    public static readonly CelLibrary Library = Build();

    private static CelLibrary Build()
    {
        var library = new LibraryBuilder("format")
            .Type(F.Name, F)
            .Member("validate", "format-validate", [F, CelType.String], CelType.Optional(CelType.List(CelType.String)), a => Validate((CelFormatValue)a[0], a[1].Text()))
            .Global("format.named", "format-named", [CelType.String], CelType.Optional(F), a => Formats.TryGetValue(a[0].Text(), out var format) ? CelOptional.Of(format) : CelOptional.None);
        foreach (var (name, format) in Formats)
        {
            library.Global($"format.{name}", $"format.{name}", [], F, _ => format);
        }

        return library.Build();
    }

    private static CelOptional Validate(CelFormatValue format, string text)
    {
        var problems = format.Validate(text);
        return problems.Count == 0 ? CelOptional.None : CelOptional.Of(CelList.Of([.. problems.Select(p => new CelString(p))]));
    }
}
