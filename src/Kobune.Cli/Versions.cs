namespace Kobune.Cli;

/// <summary>The versions that this program speaks of.</summary>
internal static class Versions
{
    /// <summary>The Kubernetes version whose API this build serves.</summary>
    public const string Kubernetes = "v1.36.0";

    /// <summary>This program's own, "v0.1.0".</summary>
    public static string Program { get; } = "v" + typeof(Versions).Assembly.GetName().Version!.ToString(3);
}
