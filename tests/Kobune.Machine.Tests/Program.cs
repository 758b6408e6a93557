using Kobune.Machine.Init;
using Xunit.Runner.InProc.SystemConsole;

namespace Kobune.Machine.Tests;

/// <summary>Runs the tests, or, started by a test as a machine's first process, is `kobune init`.</summary>
public static class Program
{
    public static async Task<int> Main(string[] args) =>
        args is ["init", var spec] ? NodeInit.Run(spec) : await ConsoleRunner.Run(args);
}
