using System.Diagnostics;

namespace Kobune.Testing.Tests;

/// <summary>The real kubectl of this computer.</summary>
internal static class Kubectl
{
    /// <summary>Runs it and gives what it wrote, standard error behind standard output.</summary>
    public static async Task<string> RunAsync(string kubeconfig, params string[] arguments)
    {
        var ct = TestContext.Current.CancellationToken;
        using var process = Process.Start(new ProcessStartInfo("kubectl", ["--kubeconfig", kubeconfig, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync(ct);
        var errors = process.StandardError.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        return await output + await errors;
    }
}
