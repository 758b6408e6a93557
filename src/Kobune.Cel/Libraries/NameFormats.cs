using System.Text.RegularExpressions;

namespace Kobune.Cel.Libraries;

/// <summary>Rules of names, with the words of k8s.io/apimachinery's validation.</summary>
internal static class NameFormats
{
    private const string LabelPattern = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private const string SubdomainPattern = LabelPattern + "(\\." + LabelPattern + ")*";
    private const string Label1035Pattern = "[a-z]([-a-z0-9]*[a-z0-9])?";
    private const string QualifiedPattern = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    private const string ValuePattern = "(" + QualifiedPattern + ")?";
    private const string QualifiedRule = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
    private static readonly Regex LabelRegex = Anchored(LabelPattern);
    private static readonly Regex SubdomainRegex = Anchored(SubdomainPattern);
    private static readonly Regex Label1035Regex = Anchored(Label1035Pattern);
    private static readonly Regex QualifiedRegex = Anchored(QualifiedPattern);
    private static readonly Regex ValueRegex = Anchored(ValuePattern);

    /// <summary>A prefix may end with a dash: what is generated comes behind it.</summary>
    public static string AsPrefix(string name) => name.Length > 1 && name[^1] == '-' ? name[..^2] + "a" : name;

    public static IReadOnlyList<string> Label(string text)
    {
        var problems = Length(text, 63);
        if (!LabelRegex.IsMatch(text))
        {
            problems.Add(SubdomainRegex.IsMatch(text)
                ? "must not contain dots"
                : Rule("a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character", LabelPattern, "my-name", "123-abc"));
        }

        return problems;
    }

    public static IReadOnlyList<string> Subdomain(string text)
    {
        var problems = Length(text, 253);
        if (!SubdomainRegex.IsMatch(text))
        {
            problems.Add(Rule("a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character", SubdomainPattern, "example.com"));
        }

        return problems;
    }

    public static IReadOnlyList<string> Label1035(string text)
    {
        var problems = Length(text, 63);
        if (!Label1035Regex.IsMatch(text))
        {
            problems.Add(Rule("a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character", Label1035Pattern, "my-name", "abc-123"));
        }

        return problems;
    }

    public static IReadOnlyList<string> LabelValue(string text)
    {
        var problems = Length(text, 63);
        if (!ValueRegex.IsMatch(text))
        {
            problems.Add(Rule("a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character", ValuePattern, "MyValue", "my_value", "12345"));
        }

        return problems;
    }

    public static IReadOnlyList<string> QualifiedName(string text)
    {
        var problems = new List<string>();
        var parts = text.Split('/');
        if (parts.Length > 2)
        {
            problems.Add($"a valid label key {Rule(QualifiedRule, QualifiedPattern, "MyName", "my.name", "123-abc")} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')");
            return problems;
        }

        if (parts.Length == 2)
        {
            problems.AddRange(parts[0].Length == 0 ? ["prefix part must be non-empty"] : Subdomain(parts[0]).Select(p => $"prefix part {p}"));
        }

        var name = parts[^1];
        if (name.Length == 0)
        {
            problems.Add("name part must be non-empty");
        }

        problems.AddRange(Length(name, 63).Select(p => $"name part {p}"));
        if (!QualifiedRegex.IsMatch(name))
        {
            problems.Add($"name part {Rule(QualifiedRule, QualifiedPattern, "MyName", "my.name", "123-abc")}");
        }

        return problems;
    }

    private static List<string> Length(string text, int most) => System.Text.Encoding.UTF8.GetByteCount(text) > most ? [$"must be no more than {most} characters"] : [];

    private static string Rule(string message, string pattern, params string[] examples) =>
        $"{message} (e.g. {string.Join(" or ", examples.Select(e => $"'{e}', "))}regex used for validation is '{pattern}')";

    private static Regex Anchored(string pattern) => Re2Pattern.Compile($"^{pattern}$")!;
}
