using System.ComponentModel;
using System.Diagnostics;

namespace Kobune.Proxy.Commands;

/// <summary>Runs `nft`, `conntrack` and the like, once each.</summary>
internal sealed class CommandRunner(IReadOnlyList<string> prefix)
{
    /// <summary>Runs a program with this input and returns its exit code and what it printed to either stream.</summary>
    public async Task<(int ExitCode, string Output)> RunAsync(string[] command, string input, CancellationToken ct)
    {
        string[] whole = [.. prefix, .. command];
        var start = new ProcessStartInfo(whole[0], whole[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            return (-1, $"{whole[0]}: {e.Message}");
        }

        using (process)
        {
            var output = process.StandardOutput.ReadToEndAsync(ct);
            var errors = process.StandardError.ReadToEndAsync(ct);
            try
            {
                await process.StandardInput.WriteAsync(input.AsMemory(), ct);
                process.StandardInput.Close();
                await process.WaitForExitAsync(ct);
                return (process.ExitCode, await output + await errors);
            }
            catch (IOException)
            {
                await process.WaitForExitAsync(ct); // it ended without reading: its words say why
                return (process.ExitCode == 0 ? -1 : process.ExitCode, await output + await errors);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw;
            }
        }
    }
}
