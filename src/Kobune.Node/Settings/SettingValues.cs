using System.Globalization;
using System.Net;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Schema;

namespace Kobune.Node.Settings;

/// <summary>The values of settings as upstream's flags write them. Each gives null for what it cannot read. Pure.</summary>
internal static class SettingValues
{
    public static int? Number(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    public static double? Fraction(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Go's strconv.ParseBool; a flag without a value is true.</summary>
    public static bool? Flag(string text) => text.Length == 0 ? true : GoBool.TryParse(text);

    public static TimeSpan? Duration(string text) => GoDuration.TryParse(text) is { } nanos ? TimeSpan.FromTicks(nanos / 100) : null;

    /// <summary>"a,b"; the YAML form of kube-proxy's configuration, "[a, b]", means the same.</summary>
    public static IReadOnlyList<string> List(string text) => text.Trim('[', ']').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    public static IReadOnlyList<string>? Addresses(string text) => List(text) is { Count: > 0 } items && items.All(i => IPAddress.TryParse(i, out _)) ? items : null;

    public static IReadOnlyList<string>? Ranges(string text) => List(text) is { Count: > 0 } items && items.All(i => IPNetwork.TryParse(i, out _)) ? items : null;

    /// <summary>"0.0.0.0:10256" or "10256": the port.</summary>
    public static int? Port(string text) => Number(text[(text.LastIndexOf(':') + 1)..]) is >= 0 and < 65536 and var port ? port : null;

    public static Dictionary<string, string>? Pairs(string text)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in List(text))
        {
            var equals = pair.IndexOf('=');
            if (equals <= 0)
            {
                return null;
            }

            pairs[pair[..equals]] = pair[(equals + 1)..];
        }

        return pairs;
    }

    public static Dictionary<string, string>? Quantities(string text) => Pairs(text) is { } pairs && pairs.Values.All(v => Quantity.TryParse(v, out _)) ? pairs : null;

    /// <summary>"key=value:NoSchedule", "key:NoExecute".</summary>
    public static List<Taint>? Taints(string text)
    {
        var taints = new List<Taint>();
        foreach (var taint in List(text))
        {
            if (taint.Split(':') is not [{ Length: > 0 } left, "NoSchedule" or "PreferNoSchedule" or "NoExecute"])
            {
                return null;
            }

            var equals = left.IndexOf('=');
            taints.Add(new() { Key = equals < 0 ? left : left[..equals], Value = equals < 0 ? "" : left[(equals + 1)..], Effect = taint[(taint.IndexOf(':') + 1)..] });
        }

        return taints;
    }

    /// <summary>"30000-32767".</summary>
    public static (int First, int Last)? Ports(string text) =>
        text.Split('-') is [var a, var b] && Number(a) is { } first && Number(b) is { } last && first is > 0 and < 65536 && last >= first && last < 65536 ? (first, last) : null;
}
