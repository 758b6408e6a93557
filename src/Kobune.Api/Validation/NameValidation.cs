using System.Net;
using System.Net.Sockets;

namespace Kobune.Api.Validation;

/// <summary>
/// The name formats of Kubernetes. Each method returns the problems found, empty when the value is good, in upstream's words
/// (k8s.io/apimachinery, util/validation), since clients match on them.
/// </summary>
public static class NameValidation
{
    private const string LabelFormat = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private const string LabelMessage = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
    private const string SubdomainFormat = LabelFormat + "(\\." + LabelFormat + ")*";
    private const string SubdomainMessage = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
    private const string UnderscoreLabelFormat = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
    private const string UnderscoreSubdomainFormat = UnderscoreLabelFormat + "(\\." + UnderscoreLabelFormat + ")*";
    private const string UnderscoreSubdomainMessage = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character";
    private const string Label1035Format = "[a-z]([-a-z0-9]*[a-z0-9])?";
    private const string Label1035Message = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
    private const string QualifiedFormat = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    private const string QualifiedMessage = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
    private const string LabelValueFormat = "(" + QualifiedFormat + ")?";
    private const string LabelValueMessage = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

    /// <summary>Longest DNS label and label value, in bytes.</summary>
    public const int MaxLabelLength = 63;

    /// <summary>Longest DNS subdomain, in bytes.</summary>
    public const int MaxSubdomainLength = 253;

    /// <summary>IsDNS1123Label: namespace names, container names, port owners.</summary>
    public static IReadOnlyList<string> Dns1123Label(string value)
    {
        var errors = new List<string>();
        if (value.Length > MaxLabelLength)
        {
            errors.Add(MaxLength(MaxLabelLength));
        }

        if (!IsLabel(value))
        {
            errors.Add(IsSubdomain(value)
                ? "must not contain dots"
                : Regex(LabelMessage, LabelFormat, "my-name", "123-abc"));
        }

        return errors;
    }

    /// <summary>IsDNS1123Subdomain: the names of most objects.</summary>
    public static IReadOnlyList<string> Dns1123Subdomain(string value)
    {
        var errors = new List<string>();
        if (value.Length > MaxSubdomainLength)
        {
            errors.Add(MaxLength(MaxSubdomainLength));
        }

        if (!IsSubdomain(value))
        {
            errors.Add(Regex(SubdomainMessage, SubdomainFormat, "example.com"));
        }

        return errors;
    }

    /// <summary>IsDNS1035Label: Service names.</summary>
    public static IReadOnlyList<string> Dns1035Label(string value)
    {
        var errors = new List<string>();
        if (value.Length > MaxLabelLength)
        {
            errors.Add(MaxLength(MaxLabelLength));
        }

        if (!IsLabel(value) || !char.IsAsciiLetterLower(value[0]))
        {
            errors.Add(Regex(Label1035Message, Label1035Format, "my-name", "abc-123"));
        }

        return errors;
    }

    /// <summary>IsDNS1123SubdomainWithUnderscore: search domains.</summary>
    public static IReadOnlyList<string> Dns1123SubdomainWithUnderscore(string value)
    {
        var errors = new List<string>();
        if (value.Length > MaxSubdomainLength)
        {
            errors.Add(MaxLength(MaxSubdomainLength));
        }

        // One '_' may stand before a label, and in its middle '_' is as good as '-'.
        if (!IsSubdomain(string.Join('.', value.Split('.').Select(l => (l is ['_', .. var name] ? name : l).Replace('_', '-')))))
        {
            errors.Add(Regex(UnderscoreSubdomainMessage, UnderscoreSubdomainFormat, "example.com"));
        }

        return errors;
    }

    /// <summary>IsWildcardDNS1123Subdomain: "*." and a subdomain.</summary>
    public static IReadOnlyList<string> WildcardDns1123Subdomain(string value)
    {
        const string Format = "\\*\\." + SubdomainFormat;
        const string Message = "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character";
        var errors = new List<string>();
        if (value.Length > MaxSubdomainLength)
        {
            errors.Add(MaxLength(MaxSubdomainLength));
        }

        if (!value.StartsWith("*.", StringComparison.Ordinal) || !IsSubdomain(value.AsSpan(2)))
        {
            errors.Add(Regex(Message, Format, "*.example.com"));
        }

        return errors;
    }

    /// <summary>IsQualifiedName: label and annotation keys, resource and condition names: an optional DNS prefix, a slash, a name.</summary>
    public static IReadOnlyList<string> QualifiedName(string value)
    {
        var errors = new List<string>();
        var parts = value.Split('/');
        string name;
        switch (parts.Length)
        {
            case 1:
                name = parts[0];
                break;
            case 2:
                name = parts[1];
                if (parts[0].Length == 0)
                {
                    errors.Add("prefix part must be non-empty");
                }
                else
                {
                    errors.AddRange(Dns1123Subdomain(parts[0]).Select(e => "prefix part " + e));
                }

                break;
            default:
                return ["a valid label key " + Regex(QualifiedMessage, QualifiedFormat, "MyName", "my.name", "123-abc")
                    + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"];
        }

        if (name.Length == 0)
        {
            errors.Add("name part must be non-empty");
        }
        else if (name.Length > MaxLabelLength)
        {
            errors.Add("name part " + MaxLength(MaxLabelLength));
        }

        if (!IsQualified(name))
        {
            errors.Add("name part " + Regex(QualifiedMessage, QualifiedFormat, "MyName", "my.name", "123-abc"));
        }

        return errors;
    }

    /// <summary>IsValidLabelValue: up to 63 characters, may be empty.</summary>
    public static IReadOnlyList<string> LabelValue(string value)
    {
        var errors = new List<string>();
        if (value.Length > MaxLabelLength)
        {
            errors.Add(MaxLength(MaxLabelLength));
        }

        if (value.Length != 0 && !IsQualified(value))
        {
            errors.Add(Regex(LabelValueMessage, LabelValueFormat, "MyValue", "my_value", "12345"));
        }

        return errors;
    }

    /// <summary>IsValidPortNum: 1 to 65535.</summary>
    public static IReadOnlyList<string> PortNumber(long port) =>
        port is >= 1 and <= 65535 ? [] : [InclusiveRange(1, 65535)];

    /// <summary>IsValidPortName: an IANA service name of up to 15 characters with at least one letter.</summary>
    public static IReadOnlyList<string> PortName(string port)
    {
        var errors = new List<string>();
        if (port.Length > 15)
        {
            errors.Add(MaxLength(15));
        }

        if (!port.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') || port.Length == 0)
        {
            errors.Add("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
        }

        if (!port.Any(char.IsAsciiLetterLower))
        {
            errors.Add("must contain at least one letter (a-z)");
        }

        if (port.Contains("--", StringComparison.Ordinal))
        {
            errors.Add("must not contain consecutive hyphens");
        }

        if (port.Length > 0 && (port[0] == '-' || port[^1] == '-'))
        {
            errors.Add("must not begin or end with a hyphen");
        }

        return errors;
    }

    /// <summary>IsValidIP: a textual IPv4 or IPv6 address, without leading zeros.</summary>
    public static IReadOnlyList<string> IpAddress(string value) =>
        IsIp(value) ? [] : ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"];

    /// <summary>IsConfigMapKey: keys of ConfigMaps and Secrets.</summary>
    public static IReadOnlyList<string> ConfigMapKey(string value)
    {
        var errors = new List<string>();
        if (value.Length > MaxSubdomainLength)
        {
            errors.Add(MaxLength(MaxSubdomainLength));
        }

        if (value.Length == 0 || !value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            errors.Add(Regex("a valid config key must consist of alphanumeric characters, '-', '_' or '.'", "[-._a-zA-Z0-9]+", "key.name", "KEY_NAME", "key-name"));
        }

        errors.AddRange(FolderNames(value));
        return errors;
    }

    /// <summary>What would be a folder's own name, its parent's, or begin like it.</summary>
    private static IReadOnlyList<string> FolderNames(string value) => value switch
    {
        "." => ["must not be '.'"],
        ".." => ["must not be '..'"],
        _ when value.StartsWith("..", StringComparison.Ordinal) => ["must not start with '..'"],
        _ => [],
    };

    /// <summary>IsEnvVarName with relaxed rules (1.34 and later): printable ASCII but '='.</summary>
    public static IReadOnlyList<string> EnvironmentVariableName(string value)
    {
        if (value.Length == 0)
        {
            return ["environment variable name must be non-empty"];
        }

        return value.All(c => c is >= ' ' and <= '~' and not '=')
            ? []
            : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
    }

    /// <summary>IsEnvVarName as it was before the rules were relaxed.</summary>
    public static IReadOnlyList<string> StrictEnvironmentVariableName(string value)
    {
        var errors = new List<string>();
        if (value.Length == 0 || char.IsAsciiDigit(value[0]) || !value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_'))
        {
            errors.Add("a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')");
        }

        errors.AddRange(FolderNames(value));
        return errors;
    }

    /// <summary>Path segment names (rbac kinds): anything but ".", "..", "/" and "%".</summary>
    public static IReadOnlyList<string> PathSegmentName(string value)
    {
        if (value is "." or "..")
        {
            return [$"may not be '{value}'"];
        }

        var errors = new List<string>();
        foreach (var c in "/%")
        {
            if (value.Contains(c))
            {
                errors.Add($"may not contain '{c}'");
            }
        }

        return errors;
    }

    /// <summary>Upstream's MaxLenError, which counts bytes.</summary>
    public static string MaxLength(int length) => $"must be no more than {length} bytes";

    /// <summary>"must be between a and b, inclusive".</summary>
    public static string InclusiveRange(long low, long high) => $"must be between {low} and {high}, inclusive";

    /// <summary>Upstream's RegexError; its two blanks before "or" are in what clients see.</summary>
    private static string Regex(string message, string format, params string[] examples) =>
        $"{message} (e.g. {string.Join(" or ", examples.Select(e => $"'{e}', "))}regex used for validation is '{format}')";

    private static bool IsLabel(ReadOnlySpan<char> value)
    {
        if (value.Length == 0 || value[0] == '-' || value[^1] == '-')
        {
            return false;
        }

        foreach (var c in value)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-')
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsSubdomain(ReadOnlySpan<char> value)
    {
        while (true)
        {
            var dot = value.IndexOf('.');
            if (dot < 0)
            {
                return IsLabel(value);
            }

            if (!IsLabel(value[..dot]))
            {
                return false;
            }

            value = value[(dot + 1)..];
        }
    }

    private static bool IsQualified(ReadOnlySpan<char> value)
    {
        if (value.Length == 0 || !char.IsAsciiLetterOrDigit(value[0]) || !char.IsAsciiLetterOrDigit(value[^1]))
        {
            return false;
        }

        foreach (var c in value)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsIp(string value)
    {
        if (!IPAddress.TryParse(value, out var address) || value.Contains('%') || value.Contains('['))
        {
            return false;
        }

        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            return true;
        }

        var parts = value.Split('.');
        return parts.Length == 4 && parts.All(p => p.Length is > 0 and <= 3 && p.All(char.IsAsciiDigit) && (p.Length == 1 || p[0] != '0'));
    }
}
