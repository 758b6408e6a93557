using Kobune.Cli.Kubeconfig;
using Kobune.Machine.Host;

namespace Kobune.Cli.Tests.Kubeconfig;

/// <summary>Whose lock on a kubeconfig is taken for one that nobody holds any more.</summary>
public sealed class KubeconfigGateTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Own_lock_is_held() => Assert.False(IsLeftBehind(KubeconfigGate.Own));

    [Fact]
    public void Lock_of_a_process_that_runs_no_more_is_left_behind()
    {
        var self = HostProcess.Of(Environment.ProcessId)!;
        Assert.True(IsLeftBehind(KubeconfigGate.Of(self with { StartTime = self.StartTime - 1 }))); // its number was given anew
        Assert.True(IsLeftBehind(KubeconfigGate.Of(self with { BootId = "an-earlier-boot" })));
    }

    [Theory]
    [InlineData("")]
    [InlineData("kobune")]
    [InlineData("kobune x y z\n")]
    [InlineData("another program's 1 2 3\n")]
    public void Lock_of_another_program_is_held(string text) => Assert.False(IsLeftBehind(text));

    [Fact]
    public void No_lock_is_not_left_behind()
    {
        File.Delete(_file);
        Assert.False(KubeconfigGate.IsLeftBehind(_file));
    }

    private bool IsLeftBehind(string text)
    {
        File.WriteAllText(_file, text);
        return KubeconfigGate.IsLeftBehind(_file);
    }
}
