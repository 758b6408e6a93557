using System.Diagnostics;

namespace Kobune.Cli.Tests.TestServers;

/// <summary>The built program as a process, also under other names; what still runs at the end is killed.</summary>
internal sealed class OwnProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private OwnProgram(string path, IEnumerable<string> arguments, string home)
    {
        var start = new ProcessStartInfo(path, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["KOBUNE_HOME"] = home;
        start.Environment["LC_ALL"] = "C";
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync(Ct);
    }

    /// <summary>Beside the tests.</summary>
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "kobune");

    public StreamReader Output => _process.StandardOutput;

    public StreamWriter Input => _process.StandardInput;

    public bool HasExited => _process.HasExited;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static OwnProgram Start(string path, string home, params IEnumerable<string> arguments) => new(path, arguments, home);

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(string path, string home, params IEnumerable<string> arguments)
    {
        await using var program = Start(path, home, arguments);
        program.Input.Close();
        var output = await program.Output.ReadToEndAsync(Ct);
        return (await program.EndAsync(), output, await program._errors);
    }

    /// <summary>Asks it to end, as a service manager does.</summary>
    public async Task<int> TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await kill.WaitForExitAsync(Ct);
        return await EndAsync();
    }

    /// <summary>Waits for its end.</summary>
    public async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync(Ct);
        return _process.ExitCode;
    }

    /// <summary>What it has said on standard error; it has ended.</summary>
    public Task<string> ErrorsAsync() => _errors;

    public ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
        return ValueTask.CompletedTask;
    }
}
