using Kobune.Api.Schema;

namespace Kobune.Cli;

/// <summary>The versions that this program speaks of.</summary>
internal static class Versions
{
    /// <summary>The Kubernetes version that is run when none is asked for, "v1.36.0".</summary>
    public static readonly string Kubernetes = KubernetesVersion.Newest.ToString();

    /// <summary>The commit that the program was built from; "" when the build did not know it.</summary>
    public static string Commit { get; } =
        typeof(Versions).Assembly.GetCustomAttributes(typeof(System.Reflection.AssemblyInformationalVersionAttribute), false) is [System.Reflection.AssemblyInformationalVersionAttribute v] && v.InformationalVersion.Split('+') is [_, var commit] ? commit : "";

    /// <summary>This program's own, "v0.1.0".</summary>
    public static string Program { get; } = "v" + typeof(Versions).Assembly.GetName().Version!.ToString(3);
}
