using Kobune.Machine.Host;

namespace Kobune.Machine.Tests.Host;

/// <summary>br_netfilter is loaded where it is a module, without a change to the host's own bridges.</summary>
public sealed class BridgeFilterTests : IDisposable
{
    private readonly string _folder = Path.Combine(Directory.CreateTempSubdirectory("bridge").FullName, "bridge");
    private int _loads;

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_folder)!, recursive: true);

    [Fact]
    public async Task A_module_is_loaded_and_stays_off_for_the_host()
    {
        await BridgeFilter.EnsureAsync(_folder, Load, TestContext.Current.CancellationToken);
        Assert.Equal(1, _loads);
        Assert.Equal("0", Setting);
    }

    [Fact]
    public async Task What_is_loaded_stays_as_it_is()
    {
        await Load();
        await BridgeFilter.EnsureAsync(_folder, Load, TestContext.Current.CancellationToken);
        Assert.Equal(1, _loads);
        Assert.Equal("1\n", Setting);
    }

    [Fact]
    public async Task A_kernel_without_it_is_no_failure()
    {
        await BridgeFilter.EnsureAsync(_folder, () => Task.CompletedTask, TestContext.Current.CancellationToken);
        Assert.False(Directory.Exists(_folder));
    }

    private string Setting => File.ReadAllText(Path.Combine(_folder, "bridge-nf-call-iptables"));

    private Task Load()
    {
        _loads++;
        Directory.CreateDirectory(_folder);
        File.WriteAllText(Path.Combine(_folder, "bridge-nf-call-iptables"), "1\n");
        return Task.CompletedTask;
    }
}
