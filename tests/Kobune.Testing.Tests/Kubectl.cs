using System.Diagnostics;

namespace Kobune.Testing.Tests;

/// <summary>The real kubectl of this computer, on a cluster.</summary>
internal static class Kubectl
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Runs it and gives what it wrote, standard error behind standard output.</summary>
    public static Task<string> RunAsync(string kubeconfig, params string[] arguments) => FeedAsync(kubeconfig, "", arguments);

    /// <summary>The same with something on standard input.</summary>
    public static async Task<string> FeedAsync(string kubeconfig, string input, params string[] arguments)
    {
        using var process = Start(kubeconfig, arguments);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(Ct);
        var errors = process.StandardError.ReadToEndAsync(Ct);
        await process.WaitForExitAsync(Ct);
        return await output + await errors;
    }

    /// <summary>Starts one that stays; whoever starts it ends it.</summary>
    public static Process Start(string kubeconfig, params string[] arguments) => Process.Start(new ProcessStartInfo("kubectl", ["--kubeconfig", kubeconfig, .. arguments])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
}
