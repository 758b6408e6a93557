using System.Globalization;
using Kobune.Api.Schema;

namespace Kobune.Ingress.Settings;

/// <summary>Annotations with the prefix of ingress-nginx, or the keys of its ConfigMap, read with Go's rules. What cannot be read counts as absent.</summary>
internal readonly struct AnnotationReader(IReadOnlyDictionary<string, string> values, string prefix)
{
    /// <summary>Before every annotation of ingress-nginx.</summary>
    public const string Prefix = "nginx.ingress.kubernetes.io/";

    /// <summary>The text, trimmed; null when absent or empty.</summary>
    public string? Text(string name) => values.TryGetValue(prefix + name, out var text) && text.Trim() is { Length: > 0 } trimmed ? trimmed : null;

    /// <summary>The first that is there: a newer name and its older spelling.</summary>
    public string? Text(string name, string older) => Text(name) ?? Text(older);

    /// <summary>strconv.ParseBool.</summary>
    public bool? Flag(string name) => GoBool.TryParse(Text(name));

    public int? Number(string name) => int.TryParse(Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>A whole number of seconds above 0; "5s" is understood too.</summary>
    public TimeSpan? Seconds(string name) =>
        int.TryParse(Text(name)?.TrimEnd('s'), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0 ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>A list with commas; null when absent.</summary>
    public string[]? List(string name, string older) => Text(name, older)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
