using System.ComponentModel;
using System.Diagnostics;

namespace Kobune.Machine.Host;

/// <summary>Runs the real programs (ip, nft, nsenter ...) that change the host.</summary>
public static class Programs
{
    private static readonly string[] Folders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>The full path of a program, looked up in PATH and in the system folders that a user's PATH often lacks; null when it is not installed.</summary>
    public static string? Find(string name) => FindAll(name).FirstOrDefault();

    /// <summary>All programs of a name, the first one that a shell would take first.</summary>
    public static IEnumerable<string> FindAll(string name)
    {
        var path = Environment.GetEnvironmentVariable("PATH")?.Split(':', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return path.Concat(Folders).Select(folder => Path.Combine(folder, name)).Where(File.Exists);
    }

    /// <summary>Gives a file (a link itself, not what it leads to) to a user; does nothing where the file system knows no owners.</summary>
    public static void ChangeOwner(string path, uint user, uint group) => _ = Syscalls.ChangeOwner(path, user, group);

    /// <summary>Whether this process may change the host.</summary>
    public static bool IsRoot => Syscalls.EffectiveUser() == 0;

    /// <summary>Becomes another program, which keeps this process's number, terminal and files. Returns only when that failed.</summary>
    public static MachineException Become(string path, IReadOnlyList<string> arguments, IEnumerable<KeyValuePair<string, string?>> environment)
    {
        _ = Syscalls.SetSignal(Syscalls.SigPipe, 0);
        string?[] argv = [path, .. arguments, null];
        string?[] env = [.. environment.Where(e => e.Value is not null).Select(e => $"{e.Key}={e.Value}"), null];
        if (HostProcess.Of(Environment.ProcessId) is { } self)
        {
            RuntimeFiles.Remove(Path.GetTempPath(), self);
        }

        _ = Syscalls.Execute(path, argv, env);
        return new(MachineFault.MissingProgram, $"{path}: {System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(System.Runtime.InteropServices.Marshal.GetLastPInvokeError())}");
    }

    /// <summary>Runs a program to its end; its failure is a value.</summary>
    /// <exception cref="MachineException">The program is not installed.</exception>
    public static async Task<ProgramResult> TryRunAsync(string name, IReadOnlyList<string> arguments, string? input, CancellationToken ct)
    {
        var start = new ProcessStartInfo(Find(name) ?? throw Missing(name, null), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["LC_ALL"] = "C";
        using var process = Start(start, name);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(ct);
            var error = process.StandardError.ReadToEndAsync(ct);
            await WriteInputAsync(process, input, ct);
            await process.WaitForExitAsync(ct);
            return new(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>Runs a program that must succeed and returns its standard output.</summary>
    /// <exception cref="MachineException">It failed; the message holds the command and what it said.</exception>
    public static async Task<string> RunAsync(string name, IReadOnlyList<string> arguments, string? input, CancellationToken ct)
    {
        var result = await TryRunAsync(name, arguments, input, ct);
        return result.ExitCode == 0
            ? result.Output
            : throw new MachineException(MachineFault.Provision, $"{name} {string.Join(' ', arguments)}: {LastWords(result)}");
    }

    /// <inheritdoc cref="RunAsync(string, IReadOnlyList{string}, string?, CancellationToken)"/>
    public static Task<string> RunAsync(string name, IReadOnlyList<string> arguments, CancellationToken ct) => RunAsync(name, arguments, null, ct);

    private static Process Start(ProcessStartInfo start, string name)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw Missing(name, e);
        }
    }

    private static async Task WriteInputAsync(Process process, string? input, CancellationToken ct)
    {
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), ct);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it read everything; its exit code tells.
        }
    }

    private static string LastWords(ProgramResult result)
    {
        var text = string.IsNullOrWhiteSpace(result.Error) ? result.Output : result.Error;
        return string.IsNullOrWhiteSpace(text) ? $"exit code {result.ExitCode}" : text.Trim().ReplaceLineEndings("; ");
    }

    private static MachineException Missing(string name, Exception? inner) =>
        new(MachineFault.MissingProgram, $"the program {name} is not installed", inner);
}
