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

    public static PodSecurityPolicy Of(IReadOnlyDictionary<string, string> labels)
    {
        var problems = new List<(string, string, string)>();
        var enforce = Read(labels, "enforce", problems);
        var audit = Read(labels, "audit", problems);
        var warn = Read(labels, "warn", problems);
        return new() { Enforce = enforce, Audit = audit, Warn = labels.ContainsKey(Prefix + "warn") ? warn : default, Problems = problems };
    }

    private static PodSecurityLevel Read(IReadOnlyDictionary<string, string> labels, string mode, List<(string, string, string)> problems)
    {
        var level = PodSecurityStandard.Privileged;
        if (labels.TryGetValue(Prefix + mode, out var text))
        {
            // What cannot be understood is judged by the strictest standard where it is enforced, and by none elsewhere.
            level = text switch
            {
                "privileged" => PodSecurityStandard.Privileged,
                "baseline" => PodSecurityStandard.Baseline,
                "restricted" => PodSecurityStandard.Restricted,
                _ => mode == "enforce" ? PodSecurityStandard.Restricted : PodSecurityStandard.Privileged,
            };
            if (text is not ("privileged" or "baseline" or "restricted"))
            {
                problems.Add((Prefix + mode, text, "must be one of privileged, baseline, restricted"));
            }
        }

        return new(level, labels.TryGetValue($"{Prefix}{mode}-version", out var version) ? Version(version, $"{Prefix}{mode}-version", problems) : null);
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
