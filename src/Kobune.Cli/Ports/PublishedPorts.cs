using System.Globalization;
using System.Net.Sockets;
using Kobune.Cli.Output;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;
using Kobune.Machine.Host;
using Kobune.Machine.State;
using Kobune.Proxy.Relays;

namespace Kobune.Cli.Ports;

/// <summary>
/// `start --ports`: a process of its own on the host holds the ports as long as the cluster runs. Real listening sockets, not NAT rules: WSL 2 and
/// Lima pass on to the outer system what they see listening.
/// </summary>
internal sealed class PublishedPorts(CommandContext context)
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    /// <summary>Fails when one of them is taken; called before anything is made.</summary>
    public static void CheckFree(IEnumerable<string> ports)
    {
        foreach (var port in ports.SelectMany(PublishedPort.Parse))
        {
            try
            {
                using var socket = new Socket(port.Host.AddressFamily, port.Protocol == "tcp" ? SocketType.Stream : SocketType.Dgram, port.Protocol == "tcp" ? ProtocolType.Tcp : ProtocolType.Udp);
                socket.Bind(port.Host);
            }
            catch (SocketException e)
            {
                throw new CliException(Reason.PortInUse, Message.PortTaken, port.Host, e.Message) { Advice = (Message.ChooseOtherPort, []) };
            }
        }
    }

    /// <summary>Starts the process unless it runs; the journal ends it with the cluster.</summary>
    public async Task EnsureAsync(ProfileConfig profile, CancellationToken ct)
    {
        var journal = new Journal(context.Home.Journal(profile.Name));
        if (profile.ExposedPorts.Count == 0 || journal.Read().Any(IsRunning))
        {
            return;
        }

        var log = Path.Combine(context.Home.Profile(profile.Name), "ports.log");
        string[] arguments = ["publish", profile.Primary.IP, .. profile.ExposedPorts.SelectMany(PublishedPort.Parse).Select(p => p.ToString())];
        var process = await DetachedProcess.StartAsync(Environment.ProcessPath!, arguments, log, ct);
        journal.Record(HostChangeKind.Process, "", process.Pid.ToString(CultureInfo.InvariantCulture), process.StartTime.ToString(CultureInfo.InvariantCulture));
        for (var started = context.Time.GetTimestamp(); Read(log) != "ok";)
        {
            if (!process.IsRunning || context.Time.GetElapsedTime(started) > StartLimit)
            {
                throw new CliException(Reason.PortInUse, Message.PortTaken, string.Join(' ', profile.ExposedPorts), Read(log)) { Advice = (Message.ChooseOtherPort, []) };
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), context.Time, ct);
        }
    }

    /// <summary>The process itself: `kobune publish NODE PORT...`. Says ok when all ports are open.</summary>
    public static async Task<int> RunAsync(string node, IReadOnlyList<string> ports, CancellationToken ct)
    {
        var open = new List<IRelay>();
        try
        {
            foreach (var port in ports.Select(PublishedPort.Read))
            {
                var relay = Relay.Open(port.Protocol, port.Host, TimeProvider.System);
                relay.Backends.Replace([new(System.Net.IPAddress.Parse(node), port.Target)], TimeSpan.Zero);
                open.Add(relay);
            }

            Console.WriteLine("ok");
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return 0;
        }
        catch (SocketException e)
        {
            Console.WriteLine(e.Message);
            return 1;
        }
        finally
        {
            foreach (var relay in open)
            {
                await relay.DisposeAsync();
            }
        }
    }

    private static bool IsRunning(HostChange change) =>
        change is { Kind: HostChangeKind.Process, Machine: "" }
        && new HostProcess(int.Parse(change.Name, CultureInfo.InvariantCulture), long.Parse(change.Value, CultureInfo.InvariantCulture), change.BootId).IsRunning;

    private static string Read(string log) => File.Exists(log) ? File.ReadAllText(log).Trim() : "";
}
