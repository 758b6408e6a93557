using Xunit.Runner.InProc.SystemConsole;

namespace Kobune.Storage.Tests.Crash;

/// <summary>Runs the tests, or, as the crash test asks, the process that writes until it is killed.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args) =>
        args is [CrashWriter.Argument, var path] ? CrashWriter.RunAsync(path) : ConsoleRunner.Run(args);
}
