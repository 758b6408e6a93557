using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Kobune.Cli.Commands;

/// <summary>Runs a program on the user's terminal: it gets the keys and signals, this process only waits.</summary>
internal static class Foreground
{
    public static async Task<int> RunAsync(ProcessStartInfo start, CancellationToken ct)
    {
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, c => c.Cancel = true);
        using var quit = PosixSignalRegistration.Create(PosixSignal.SIGQUIT, c => c.Cancel = true);
        using var process = Process.Start(start)!;
        await using var end = ct.Register(() => process.Kill());
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode;
    }
}
