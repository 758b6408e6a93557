using System.Diagnostics;
using Kobune.Machine;

namespace Kobune.Cli.Files;

/// <summary>Runs the two halves of a copy: here, or in a node by its own shell and tar. So all directions are one way of copying.</summary>
/// <param name="driver">Reaches the nodes.</param>
/// <param name="machine">The node; null for this computer.</param>
/// <param name="prefix">Words before each command on this computer.</param>
internal sealed class CopySide(IMachineDriver driver, string? machine, IReadOnlyList<string> prefix)
{
    private const string Kind = "if [ -d \"$1\" ]; then echo folder; elif [ -e \"$1\" ]; then echo file; fi";

    // The copy appears whole or not at all; its mode is minikube's.
    private const string Put = "mkdir -p \"$(dirname \"$1\")\" && cat > \"$1.kobune-copy\" && chmod 0644 \"$1.kobune-copy\" && mv -fT \"$1.kobune-copy\" \"$1\"";

    /// <summary>What is at a path: a folder (true), a file (false), nothing (null).</summary>
    public async Task<bool?> IsFolderAsync(string path, CancellationToken ct)
    {
        var start = Shell(Kind, path);
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        var answer = await process.StandardOutput.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        return answer.Trim() switch { "folder" => true, "file" => false, _ => null };
    }

    /// <summary>Writes a file's content to its standard output.</summary>
    public ProcessStartInfo ReadFile(string path) => Shell("cat \"$1\"", path);

    /// <summary>Makes a file of its standard input.</summary>
    public ProcessStartInfo WriteFile(string path) => Shell(Put, path);

    /// <summary>Writes what is in a folder as an archive.</summary>
    public ProcessStartInfo ReadFolder(string path) => Shell("tar -C \"$1\" -cf - .", path);

    /// <summary>Puts what is in an archive into a folder.</summary>
    public ProcessStartInfo WriteFolder(string path) => Shell("mkdir -p \"$1\" && tar -C \"$1\" --no-same-owner -xf -", path);

    private ProcessStartInfo Shell(string script, string path)
    {
        string[] words = ["/bin/sh", "-c", script, "sh", path];
        string[] here = [.. prefix, .. words];
        return machine is null ? new ProcessStartInfo(here[0], here[1..]) : driver.CommandIn(machine, words);
    }
}
