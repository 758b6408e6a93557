namespace Kobune.Api.Schema;

/// <summary>Which API versions and resources a server serves beside its defaults: kube-apiserver's --runtime-config. Immutable.</summary>
public sealed class RuntimeConfig
{
    /// <summary>Nothing but the defaults.</summary>
    public static readonly RuntimeConfig Default = new([]);

    private readonly SortedDictionary<string, bool> _set;

    private RuntimeConfig(SortedDictionary<string, bool> set)
    {
        _set = set;
    }

    /// <summary>What was set, "api/beta", "v1", "resource.k8s.io/v1beta1" or "batch/v1/jobs", and its value.</summary>
    public IReadOnlyDictionary<string, bool> Settings => _set;

    /// <summary>Reads "api/beta=true,resource.k8s.io/v1beta1=false"; a key alone means true. Null when it is malformed.</summary>
    public static RuntimeConfig? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var set = new SortedDictionary<string, bool>(StringComparer.Ordinal);
        foreach (var setting in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = setting.Split('=', 2);
            bool? value = parts.Length == 1 ? true : parts[1] switch { "" or "true" or "1" => true, "false" or "0" => false, _ => null };
            if (value is null || parts[0].Split('/') is not { Length: <= 3 } words || words.Contains("") || (words[0] == "api" && words is not ["api", "all" or "ga" or "beta" or "alpha"]))
            {
                return null;
            }

            set[parts[0]] = value.Value;
        }

        return new(set);
    }

    /// <summary>The first setting that names no group version or resource of the schema; null when all do.</summary>
    public string? Unknown(ApiSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return _set.Keys.FirstOrDefault(k => !k.StartsWith("api/", StringComparison.Ordinal) && !schema.Resources.Any(r => r.ApiVersion == k || $"{r.ApiVersion}/{r.Plural}" == k));
    }

    /// <summary>Whether a resource is served: the more a setting says, the more it counts.</summary>
    /// <param name="group">Group, "" = core.</param>
    /// <param name="version">Version.</param>
    /// <param name="plural">Resource.</param>
    /// <param name="byDefault">Whether it is served when nothing is said.</param>
    public bool Serves(string group, string version, string plural, bool byDefault)
    {
        var apiVersion = group.Length == 0 ? version : $"{group}/{version}";
        var stage = version.Contains("alpha", StringComparison.Ordinal) ? "api/alpha" : version.Contains("beta", StringComparison.Ordinal) ? "api/beta" : "api/ga";
        foreach (var key in (ReadOnlySpan<string>)[$"{apiVersion}/{plural}", apiVersion, stage, "api/all"])
        {
            if (_set.TryGetValue(key, out var value))
            {
                return value;
            }
        }

        return byDefault;
    }

    /// <summary>The settings in one canonical text.</summary>
    public override string ToString() => string.Join(',', _set.Select(s => $"{s.Key}={(s.Value ? "true" : "false")}"));
}
