using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Kobune.Api.Schema;
using Kobune.Cel;

namespace Kobune.ApiServer.CustomResources;

/// <summary>The formats of strings that schemas may ask for; hyphens in their names do not count, others say nothing. Source: k8s.io/kube-openapi, validation/strfmt, and k8s.io/apiextensions-apiserver, apiserver/validation/formats.go.</summary>
internal static partial class StringFormats
{
    private const RegexOptions Plain = RegexOptions.CultureInvariant;
    private static readonly string[] Units = ["nano", "micro", "milli", "sec", "min", "hr", "hour", "day", "wk", "week"];
    private static readonly string[] ShortUnits = ["ns", "us", "µs", "ms", "s", "m", "h", "d", "w"];
    private static readonly Dictionary<string, Func<string, bool>> Known = new(StringComparer.Ordinal)
    {
        ["bsonobjectid"] = ObjectId().IsMatch,
        ["uri"] = GoForms.IsRequestUri,
        ["email"] = MailAddresses.IsOne,
        ["hostname"] = IsHostname,
        ["ipv4"] = text => IsAddress(text) && text.Contains('.', StringComparison.Ordinal),
        ["ipv6"] = text => text.Contains(':', StringComparison.Ordinal) && IsAddress(text),
        ["cidr"] = IsCidr,
        ["mac"] = Mac().IsMatch,
        ["uuid"] = Uuid().IsMatch,
        ["uuid3"] = text => Uuid().IsMatch(text) && VersionOf(text) == '3',
        ["uuid4"] = text => Uuid().IsMatch(text) && VersionOf(text) == '4' && IsVariant(text),
        ["uuid5"] = text => Uuid().IsMatch(text) && VersionOf(text) == '5' && IsVariant(text),
        ["isbn"] = text => IsIsbn10(text) || IsIsbn13(text),
        ["isbn10"] = IsIsbn10,
        ["isbn13"] = IsIsbn13,
        ["creditcard"] = IsCard,
        ["ssn"] = text => text.Length == 11 && SocialSecurity().IsMatch(text),
        ["hexcolor"] = HexColor().IsMatch,
        ["rgbcolor"] = RgbColor().IsMatch,
        ["byte"] = Base64().IsMatch,
        ["password"] = _ => true,
        ["date"] = IsDate,
        ["duration"] = IsDuration,
        ["datetime"] = IsDateTime,
        ["k8sshortname"] = text => text.Length <= 63 && ShortName().IsMatch(text),
        ["k8slongname"] = text => text.Length <= 253 && LongName().IsMatch(text),
    };

    /// <summary>Whether values are checked for the format.</summary>
    public static bool IsKnown(string format) => Known.ContainsKey(NameOf(format));

    public static bool Fits(string format, string text) => !Known.TryGetValue(NameOf(format), out var fits) || fits(text);

    private static string NameOf(string format) => format.Replace("-", "", StringComparison.Ordinal);

    private static bool IsDate(string text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    /// <summary>Hours, minutes and seconds are compared as texts, and the zone is not looked at.</summary>
    private static bool IsDateTime(string text)
    {
        var parts = text.ToLowerInvariant().Split('t');
        return parts.Length > 1 && IsDate(parts[0]) && TimeOfDay().Match(parts[1]) is { Success: true } time
            && string.CompareOrdinal(time.Groups[1].Value, "23") <= 0 && string.CompareOrdinal(time.Groups[2].Value, "59") <= 0 && string.CompareOrdinal(time.Groups[3].Value, "59") <= 0;
    }

    /// <summary>Go's durations, and texts in which a number stands before a unit: "3 weeks".</summary>
    private static bool IsDuration(string text) => GoDuration.TryParse(text) is not null
        || (Quantities().Matches(text) is var found && found.All(m => long.TryParse(m.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out _)) && found.Any(m => IsUnit(m.Groups[2].Value)));

    private static bool IsUnit(string word) =>
        ShortUnits.Any(u => u.Equals(word, StringComparison.OrdinalIgnoreCase)) || Units.Any(u => word.StartsWith(u, StringComparison.OrdinalIgnoreCase));

    private static bool IsHostname(string text) => text.Length <= 255 && Hostname().IsMatch(text) && text.Split('.').All(p => p.Length <= 63);

    private static char VersionOf(string uuid) => uuid.Replace("-", "", StringComparison.Ordinal)[12];

    private static bool IsVariant(string uuid) => "89abAB".Contains(uuid.Replace("-", "", StringComparison.Ordinal)[16], StringComparison.Ordinal);

    /// <summary>Addresses with leading zeros count, as they did before Go refused them.</summary>
    private static bool IsAddress(string text)
    {
        var parts = text.Split('.');
        return parts.Length == 4 && !text.Contains(':', StringComparison.Ordinal)
            ? parts.All(p => p.Length is > 0 and <= 3 && int.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out var part) && part < 256)
            : IPAddress.TryParse(text, out var six) && six.AddressFamily == AddressFamily.InterNetworkV6 && !text.Contains('%', StringComparison.Ordinal) && !text.Contains('[', StringComparison.Ordinal);
    }

    private static bool IsCidr(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && IsAddress(text[..slash]) && int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var bits)
            && bits <= (text.Contains(':', StringComparison.Ordinal) ? 128 : 32);
    }

    private static bool IsIsbn10(string text)
    {
        var digits = Separators().Replace(text, "");
        return Isbn10().IsMatch(digits) && digits.Select((d, i) => (i + 1) * (d == 'X' ? 10 : d - '0')).Sum() % 11 == 0;
    }

    private static bool IsIsbn13(string text)
    {
        var digits = Separators().Replace(text, "");
        return Isbn13().IsMatch(digits) && digits.Select((d, i) => (d - '0') * (i % 2 == 0 ? 1 : 3)).Sum() % 10 == 0;
    }

    private static bool IsCard(string text)
    {
        var digits = NotDigits().Replace(text, "");
        return CardNumber().IsMatch(digits) && digits.Reverse().Select((d, i) => i % 2 == 0 ? d - '0' : ((d - '0') * 2 / 10) + ((d - '0') * 2 % 10)).Sum() % 10 == 0;
    }

    [GeneratedRegex(@"\A([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))\z", Plain)]
    private static partial Regex TimeOfDay();

    [GeneratedRegex(@"([0-9]+)\s*([A-Za-zµ]+)", Plain)]
    private static partial Regex Quantities();

    [GeneratedRegex(@"\A([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)|([a-zA-Z0-9\p{S}\p{L}](([a-zA-Z0-9-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.)){1,}([a-zA-Z\p{L}]){2,63})\z", Plain)]
    private static partial Regex Hostname();

    [GeneratedRegex(@"\A[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}\z", Plain)]
    private static partial Regex Uuid();

    /// <summary>6, 8 or 20 bytes, parted by colons or hyphens, or in twos by dots.</summary>
    [GeneratedRegex(@"\A[0-9a-fA-F]{2}(?:([:-])[0-9a-fA-F]{2}(?:\1[0-9a-fA-F]{2}){4}(?:(?:\1[0-9a-fA-F]{2}){2}|(?:\1[0-9a-fA-F]{2}){14})?|[0-9a-fA-F]{2}(?:\.[0-9a-fA-F]{4}){2}(?:\.[0-9a-fA-F]{4}|(?:\.[0-9a-fA-F]{4}){7})?)\z", Plain)]
    private static partial Regex Mac();

    [GeneratedRegex(@"\A(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})\z", Plain)]
    private static partial Regex Base64();

    [GeneratedRegex(@"\A[0-9a-fA-F]{24}\z", Plain)]
    private static partial Regex ObjectId();

    [GeneratedRegex(@"\A#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})\z", Plain)]
    private static partial Regex HexColor();

    [GeneratedRegex(@"\Argb\(\s*(0|[1-9][0-9]?|1[0-9][0-9]?|2[0-4][0-9]|25[0-5])\s*,\s*(0|[1-9][0-9]?|1[0-9][0-9]?|2[0-4][0-9]|25[0-5])\s*,\s*(0|[1-9][0-9]?|1[0-9][0-9]?|2[0-4][0-9]|25[0-5])\s*\)\z", Plain)]
    private static partial Regex RgbColor();

    [GeneratedRegex(@"\A[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}\z", Plain)]
    private static partial Regex SocialSecurity();

    [GeneratedRegex(@"\A(?:[0-9]{9}X|[0-9]{10})\z", Plain)]
    private static partial Regex Isbn10();

    [GeneratedRegex(@"\A[0-9]{13}\z", Plain)]
    private static partial Regex Isbn13();

    [GeneratedRegex(@"\A(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35[0-9]{3})[0-9]{11})\z", Plain)]
    private static partial Regex CardNumber();

    [GeneratedRegex(@"[\s-]+", Plain)]
    private static partial Regex Separators();

    [GeneratedRegex("[^0-9]+", Plain)]
    private static partial Regex NotDigits();

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?\z", Plain)]
    private static partial Regex ShortName();

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", Plain)]
    private static partial Regex LongName();
}
