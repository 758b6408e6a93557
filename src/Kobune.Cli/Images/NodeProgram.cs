using System.Diagnostics;
using Kobune.Machine;
using Kobune.Machine.Host;

namespace Kobune.Cli.Images;

/// <summary>Runs a program inside a node, with streams of this process.</summary>
internal sealed class NodeProgram(IMachineDriver driver)
{
    private const string Kobune = "/usr/local/bin/kobune";

    /// <summary>ctr, in the namespace that the kubelet sees.</summary>
    public Task<ProgramOutput> CtrAsync(string node, IEnumerable<string> arguments, Stream? input, Stream? output, CancellationToken ct) =>
        RunAsync(node, ["ctr", "-n", "k8s.io", .. arguments], input, output, ct);

    /// <summary>The hidden command `runtime` (<see cref="InsideNode"/>).</summary>
    public Task<ProgramOutput> RuntimeAsync(string node, IEnumerable<string> arguments, Stream? input, CancellationToken ct) =>
        RunAsync(node, [Kobune, "runtime", .. arguments], input, null, ct);

    private async Task<ProgramOutput> RunAsync(string node, string[] words, Stream? input, Stream? output, CancellationToken ct)
    {
        var start = driver.CommandIn(node, words);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.Environment[RuntimeSettings.WriteXorExecute.Key] = RuntimeSettings.WriteXorExecute.Value;
        using var process = Process.Start(start)!;
        await using var end = ct.Register(() => process.Kill());
        var text = output is null ? process.StandardOutput.ReadToEndAsync(ct) : CopyAsync(process, output, ct);
        var error = process.StandardError.ReadToEndAsync(ct);
        try
        {
            if (input is not null)
            {
                await input.CopyToAsync(process.StandardInput.BaseStream, ct);
            }

            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It stopped reading; its words say why.
        }

        await process.WaitForExitAsync(ct);
        return new(process.ExitCode, await text, (await error).Trim());
    }

    private static async Task<string> CopyAsync(Process process, Stream output, CancellationToken ct)
    {
        await process.StandardOutput.BaseStream.CopyToAsync(output, ct);
        return "";
    }
}

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">0 for success.</param>
/// <param name="Text">Its standard output, unless that went to a stream.</param>
/// <param name="Error">Its standard error.</param>
internal sealed record ProgramOutput(int ExitCode, string Text, string Error)
{
    public bool IsOk => ExitCode == 0;
}
