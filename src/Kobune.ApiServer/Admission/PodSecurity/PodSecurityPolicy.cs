using System.Globalization;

namespace Kobune.ApiServer.Admission.PodSecurity;

/// <summary>The three Pod Security Standards, the loosest first.</summary>
internal enum PodSecurityStandard
{
    Privileged,
    Baseline,
    Restricted,
}

/// <summary>A standard of a release.</summary>
/// <param name="Level">The standard.</param>
/// <param name="Minor">Of the release; null for the latest.</param>
internal readonly record struct PodSecurityLevel(PodSecurityStandard Level, int? Minor)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Level.ToString().ToLowerInvariant()}:{(Minor is { } minor ? $"v1.{minor}" : "latest")}");
}

/// <summary>What the labels of a namespace ask for. Source: k8s.io/pod-security-admission, api/helpers.go.</summary>
internal sealed record PodSecurityPolicy
{
    private const string Prefix = "pod-security.kubernetes.io/";

    public PodSecurityLevel Enforce { get; private init; }

    public PodSecurityLevel Warn { get; private init; }

    /// <summary>What violates it is noted in the audit event.</summary>
    public PodSecurityLevel Audit { get; private init; }

    /// <summary>Labels that cannot be understood, with their values and why.</summary>
    public IReadOnlyList<(string Label, string Value, string Problem)> Problems { get; private init; } = [];

    /// <summary>Whether everything passes.</summary>
    public bool IsPrivileged => Enforce.Level == PodSecurityStandard.Privileged && Warn.Level == PodSecurityStandard.Privileged && Audit.Level == PodSecurityStandard.Privileged;

    /// <summary>Lets everything pass.</summary>
    public static PodSecurityPolicy Privileged { get; } = new();

    /// <summary>What labels ask for; where they say nothing, the defaults hold. Who enforces more than is warned of is warned of it too.</summary>
    public static PodSecurityPolicy Of(IReadOnlyDictionary<string, string> labels, PodSecurityPolicy defaults)
    {
        var policy = Read(labels, Prefix, defaults);
        var isEnforced = labels.TryGetValue(Prefix + "enforce", out var level) && IsLevel(level);
        if (!labels.ContainsKey(Prefix + "warn") && isEnforced && policy.Enforce.Level > policy.Warn.Level)
        {
            return policy with { Warn = new(policy.Enforce.Level, labels.ContainsKey(Prefix + "warn-version") ? policy.Warn.Minor : policy.Enforce.Minor) };
        }

        return policy;
    }

    /// <summary>Of a configuration, whose fields have the names of the labels without their group.</summary>
    public static PodSecurityPolicy OfDefaults(IReadOnlyDictionary<string, string> fields) => Read(fields, "", Privileged);

    /// <summary>Those of the modes that ask for something and are told by a label: "enforce=baseline:latest, warn=restricted:v1.30".</summary>
    public string Told(IReadOnlyDictionary<string, string> labels) => string.Join(", ", new[] { ("enforce", Enforce), ("audit", Audit), ("warn", Warn) }
        .Where(m => m.Item2.Level != PodSecurityStandard.Privileged && (labels.ContainsKey(Prefix + m.Item1) || labels.ContainsKey($"{Prefix}{m.Item1}-version")))
        .Select(m => $"{m.Item1}={m.Item2}"));

    private static PodSecurityPolicy Read(IReadOnlyDictionary<string, string> texts, string prefix, PodSecurityPolicy defaults)
    {
        var problems = new List<(string, string, string)>();
        return new()
        {
            Enforce = Read(texts, prefix, "enforce", defaults.Enforce, problems),
            Audit = Read(texts, prefix, "audit", defaults.Audit, problems),
            Warn = Read(texts, prefix, "warn", defaults.Warn, problems),
            Problems = problems,
        };
    }

    private static bool IsLevel(string text) => text is "privileged" or "baseline" or "restricted";

    private static PodSecurityLevel Read(IReadOnlyDictionary<string, string> texts, string prefix, string mode, PodSecurityLevel unsaid, List<(string, string, string)> problems)
    {
        var level = unsaid.Level;
        if (texts.TryGetValue(prefix + mode, out var text))
        {
            // What cannot be understood is judged by the strictest standard where it is enforced, and by none elsewhere.
            level = text switch
            {
                "privileged" => PodSecurityStandard.Privileged,
                "baseline" => PodSecurityStandard.Baseline,
                "restricted" => PodSecurityStandard.Restricted,
                _ => mode == "enforce" ? PodSecurityStandard.Restricted : PodSecurityStandard.Privileged,
            };
            if (!IsLevel(text))
            {
                problems.Add((prefix + mode, text, "must be one of privileged, baseline, restricted"));
            }
        }

        return new(level, texts.TryGetValue($"{prefix}{mode}-version", out var version) ? Version(version, $"{prefix}{mode}-version", problems) : unsaid.Minor);
    }

    private static int? Version(string text, string label, List<(string, string, string)> problems)
    {
        if (text == "latest")
        {
            return null;
        }

        if (text.StartsWith("v1.", StringComparison.Ordinal) && int.TryParse(text.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out var minor) && (text[3] != '0' || text.Length == 4))
        {
            return minor;
        }

        problems.Add((label, text, "must be \"latest\" or \"v1.x\""));
        return null;
    }
}
