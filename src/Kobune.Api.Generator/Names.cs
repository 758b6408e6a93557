using System.Text;

namespace Kobune.Api.Generator;

/// <summary>C# names for Kubernetes' words.</summary>
internal static class Names
{
    /// <summary>A Go field name as property: the same, but UID is Uid; a property may not be named as its record.</summary>
    public static string Property(string goName, string record)
    {
        var name = goName.Replace("UID", "Uid", StringComparison.Ordinal);
        return name == record ? name + "Value" : name;
    }

    /// <summary>A constant for a value: "NoSchedule", "kubernetes.io/tls" as Tls, "digital signature" as DigitalSignature.</summary>
    public static string Constant(string value)
    {
        switch (value)
        {
            case "": return "None";
            case "*": return "All";
        }

        var slash = value.LastIndexOf('/');
        var word = slash > 0 && value[..slash].Contains('.', StringComparison.Ordinal) ? value[(slash + 1)..] : value;
        var name = new StringBuilder();
        var upper = true;
        foreach (var c in word)
        {
            if (!char.IsAsciiLetterOrDigit(c))
            {
                upper = true;
                continue;
            }

            name.Append(upper ? char.ToUpperInvariant(c) : c);
            upper = false;
        }

        return char.IsAsciiDigit(name[0]) ? "V" + name : name.ToString();
    }

    /// <summary>A backing field for a property.</summary>
    public static string BackingField(string property) => "_" + char.ToLowerInvariant(property[0]) + property[1..];

    /// <summary>A C# string literal.</summary>
    public static string Literal(string value) => "\"" + value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
