using System.Diagnostics;
using System.Net;
using Kobune.Machine.Host;
using Kobune.Machine.Native;
using Kobune.Machine.State;

namespace Kobune.Machine.Tests.Native;

/// <summary>Real machines of the native driver with a home of their own; everything is deleted at the end of the test.</summary>
internal sealed class TestMachines : IAsyncDisposable
{
    private readonly List<string> _machines = [];

    public TestMachines()
    {
        Home = new(Directory.CreateTempSubdirectory("kobune-machine-test-").FullName);
        Profile = "t" + Guid.NewGuid().ToString("N")[..8];
        Driver = new(Home, TimeProvider.System);
    }

    public MachineHome Home { get; }

    public string Profile { get; }

    public NativeDriver Driver { get; }

    public HostNames Names => new(Home.IdOf(Profile));

    public string? Subnet { get; private set; }

    public string NameOf(int index) => index == 0 ? Profile : $"{Profile}-m{index + 1:00}";

    public async Task<MachineSpec> StartAsync(int index, params string[] nodeCommand)
    {
        // Tests run in parallel, and so do their choices of a network: the host's lock makes them one after the other.
        using var gate = await FolderLock.AcquireAsync("/run", TimeProvider.System, TestContext.Current.CancellationToken);
        Subnet ??= await Driver.ChooseSubnetAsync(Profile, null, TestContext.Current.CancellationToken);
        var spec = SpecOf(index, nodeCommand);
        _machines.Add(spec.Name);
        await Driver.StartAsync(spec, Task.CompletedTask, TestContext.Current.CancellationToken);
        return spec;
    }

    public MachineSpec SpecOf(int index, params string[] nodeCommand)
    {
        var network = IPNetwork.Parse(Subnet!);
        return new()
        {
            Profile = Profile,
            Name = NameOf(index),
            Folder = Home.Machine(NameOf(index)),
            Home = Home.Root,
            Index = index,
            Subnet = Subnet!,
            Address = Subnets.AddressAt(network, index + 2).ToString(),
            Gateway = Subnets.AddressAt(network, 1).ToString(),
            PodCidr = $"10.244.{index}.0/24",
            Peers = [.. Enumerable.Range(0, 2).Where(i => i != index).Select(i => new MachinePeer(NameOf(i), Subnets.AddressAt(network, i + 2).ToString(), $"10.244.{i}.0/24"))],
            Program = Environment.ProcessPath!,
            NodeCommand = nodeCommand,
        };
    }

    /// <summary>Runs a shell line in a machine; fails the test when it fails.</summary>
    public async Task<string> RunInAsync(MachineSpec machine, string line)
    {
        var start = Driver.CommandIn(machine.Name, ["/bin/bash", "-c", line]);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"in {machine.Name}: {line}\nexit code {process.ExitCode}\n{await output}\n{error}");
        return (await output).Trim();
    }

    /// <summary>Runs a shell line in a machine until it succeeds.</summary>
    public Task<string> WaitInAsync(MachineSpec machine, string line) =>
        RunInAsync(machine, $"i=0; until {line}; do i=$((i+1)); [ $i -lt 600 ] || {{ echo 'still failing after 60 s'; exit 1; }}; sleep 0.1; done");

    public async ValueTask DisposeAsync()
    {
        await Driver.DeleteAsync(Profile, _machines, CancellationToken.None);
        Directory.Delete(Home.Root, recursive: true);
    }
}
