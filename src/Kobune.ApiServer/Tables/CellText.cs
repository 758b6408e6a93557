using System.Globalization;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Selectors;

namespace Kobune.ApiServer.Tables;

/// <summary>Phrases that several kinds' cells share.</summary>
internal static class CellText
{
    public const string None = "<none>";
    public const string Unset = "<unset>";
    public const string Unknown = "<unknown>";

    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Or(string? value, string fallback) => string.IsNullOrEmpty(value) ? fallback : value;

    public static string Join(IEnumerable<string> values, string separator = ",") => string.Join(separator, values);

    /// <summary>The first <paramref name="max"/> joined, then how many more there are.</summary>
    public static string Few(IReadOnlyList<string> values, int max, string none) => values.Count switch
    {
        0 => none,
        _ when values.Count <= max => Join(values),
        _ => $"{Join(values.Take(max))} + {values.Count - max} more...",
    };

    public static string Labels(IReadOnlyDictionary<string, string> labels) =>
        labels.Count == 0 ? None : Join(labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => l.Key + "=" + l.Value));

    /// <summary>metav1.FormatLabelSelector.</summary>
    public static string Selector(LabelSelector? selector, string broken = "<error>")
    {
        try
        {
            var compiled = selector is null ? Api.Selectors.Selector.Everything : Api.Selectors.Selector.From(selector);
            return compiled.IsEverything ? None : compiled.ToString();
        }
        catch (FormatException)
        {
            return broken;
        }
    }

    public static string Containers(PodSpec spec) => Join(spec.Containers.Select(c => c.Name));

    public static string Images(PodSpec spec) => Join(spec.Containers.Select(c => c.Image));

    public static string AccessModes(IReadOnlyList<string> modes)
    {
        (string Mode, string Short)[] known = [("ReadWriteOnce", "RWO"), ("ReadOnlyMany", "ROX"), ("ReadWriteMany", "RWX"), ("ReadWriteOncePod", "RWOP")];
        return Join(known.Where(k => modes.Contains(k.Mode)).Select(k => k.Short));
    }
}
