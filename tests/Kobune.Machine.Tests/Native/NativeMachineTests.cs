namespace Kobune.Machine.Tests.Native;

/// <summary>Rows A1, A6, A9 with real namespaces; needs root.</summary>
public sealed class NativeMachineTests
{
    [Fact]
    public async Task A_machine_is_a_computer_of_its_own()
    {
        await using var machines = new TestMachines();
        var machine = await machines.StartAsync(0, "sleep", "1000000");
        Assert.Equal(MachineState.Running, machines.Driver.StateOf(machine.Name));
        Assert.Equal(machine.Name, await machines.RunInAsync(machine, "hostname; test \"$(cat /etc/hostname)\" = \"$(hostname)\""));
        Assert.Contains($"inet {machine.Address}/24", await machines.RunInAsync(machine, "ip addr show eth0"));
        await machines.WaitInAsync(machine, "grep -qx catatonit /proc/1/comm"); // the machine is said to run just before its init becomes it
        Assert.Contains("\"bridge\"", await machines.RunInAsync(machine, "cat /etc/cni/net.d/1-kobune.conflist"));
        await machines.RunInAsync(machine, $"test ! -e {machines.Home.Machines}");
        await machines.RunInAsync(machine, $"ping -c 1 -W 5 {machine.Gateway} || busybox ping -c 1 -W 5 {machine.Gateway}");
    }

    [Fact]
    public async Task A_restart_resets_the_node_except_for_its_persistent_folders()
    {
        await using var machines = new TestMachines();
        var machine = await machines.StartAsync(0, "sleep", "1000000");
        await machines.RunInAsync(machine, "touch /etc/forgotten /root/forgotten /data/kept /var/lib/kobune/kept /tmp/hostpath-provisioner/kept");
        await machines.Driver.StopAsync(machines.Profile, [machine.Name], TestContext.Current.CancellationToken);
        Assert.Equal(MachineState.Stopped, machines.Driver.StateOf(machine.Name));
        Assert.False(File.Exists("/etc/forgotten"), "the host must not see what a node writes");

        await machines.StartAsync(0, "sleep", "1000000");
        await machines.RunInAsync(machine, "test ! -e /etc/forgotten && test ! -e /root/forgotten && test -e /data/kept && test -e /var/lib/kobune/kept && test -e /tmp/hostpath-provisioner/kept");
    }

    [Fact]
    public async Task The_supervisor_restarts_the_node_process_and_containerd()
    {
        await using var machines = new TestMachines();
        var machine = await machines.StartAsync(0, "sh", "-c", "date +%N >> /run/starts; exec sleep 1000000");
        await machines.WaitInAsync(machine, "[ \"$(wc -l </run/starts)\" = 1 ]");
        await machines.RunInAsync(machine, "pkill -9 -f '[s]leep 1000000'"); // by its words, which the supervisor must not carry
        await machines.WaitInAsync(machine, "[ \"$(wc -l </run/starts)\" = 2 ]");

        await machines.WaitInAsync(machine, "ctr version >/dev/null 2>&1");
        await machines.RunInAsync(machine, "kill -9 $(cat /run/kobune/containerd.pid)");
        await machines.WaitInAsync(machine, "ctr version >/dev/null 2>&1");
    }

    [Fact]
    public async Task A_container_runs_in_the_pause_image_and_outlives_containerd()
    {
        await using var machines = new TestMachines();
        var machine = await machines.StartAsync(0);
        await machines.WaitInAsync(machine, "ctr -n k8s.io images ls -q 2>/dev/null | grep -q registry.k8s.io/pause:3.10");
        await machines.RunInAsync(machine, "ctr -n k8s.io run -d --runc-binary runc --cgroup /kubepods/one --memory-limit 33554432 registry.k8s.io/pause:3.10 one");
        Assert.Equal("33554432", await machines.RunInAsync(machine, "cat /sys/fs/cgroup/memory/kubepods/one/memory.limit_in_bytes /sys/fs/cgroup/kubepods/one/memory.max 2>/dev/null || true"));
        var before = await machines.RunInAsync(machine, "ctr -n k8s.io tasks ls | grep RUNNING");
        await machines.RunInAsync(machine, "kill -9 $(cat /run/kobune/containerd.pid)");
        await machines.WaitInAsync(machine, "ctr -n k8s.io tasks ls 2>/dev/null | grep -q RUNNING");
        Assert.Equal(before, await machines.RunInAsync(machine, "ctr -n k8s.io tasks ls | grep RUNNING"));
        await machines.RunInAsync(machine, "ctr -n k8s.io tasks kill -s SIGTERM one");
        await machines.WaitInAsync(machine, "ctr -n k8s.io tasks ls 2>/dev/null | grep -q STOPPED");
    }

    [Fact]
    public async Task Machines_of_a_profile_reach_each_other()
    {
        await using var machines = new TestMachines();
        var first = await machines.StartAsync(0);
        var second = await machines.StartAsync(1);
        await machines.RunInAsync(second, "mkdir /tmp/www && echo from-two >/tmp/www/index.html && busybox httpd -p 8080 -h /tmp/www");
        Assert.EndsWith("from-two", await machines.RunInAsync(first, $"exec 3<>/dev/tcp/{second.Name}/8080; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3"));
        Assert.Contains($"10.244.1.0/24 via {second.Address}", await machines.RunInAsync(first, "ip route"));
    }
}
