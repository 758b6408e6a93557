using System.Net;
using System.Text.Json;
using Kobune.ApiServer.Certificates;
using Kobune.ControlPlane;
using Kobune.Node.Settings;
using Kobune.Storage.Sqlite;
using Microsoft.Extensions.Logging;

namespace Kobune.Cli.TestServers;

/// <summary>
/// Stands in for kube-apiserver where tests of operators start one: the API server of Kobune alone, without controllers and scheduler as there, with the flags of kube-apiserver
/// and the certificates that they name. Objects are kept where <see cref="EtcdStandIn"/> says.
/// </summary>
internal static class ApiServerStandIn
{
    private static readonly string[] OwnFlags =
    [
        "advertise-address", "bind-address", "cert-dir", "client-ca-file", "etcd-servers", "help", "secure-port", "service-account-key-file", "service-account-signing-key-file",
        "service-cluster-ip-range", "tls-cert-file", "tls-private-key-file", "version",
    ];

    /// <summary>Serves until it is cancelled.</summary>
    /// <exception cref="FormatException">A flag that kube-apiserver has not, or a value that cannot be used.</exception>
    public static async Task RunAsync(IReadOnlyList<string> words, TextWriter output, CancellationToken ct)
    {
        var arguments = UpstreamArguments.Parse(words);
        var version = StandIns.Version(ProgramName.Folder);
        if (arguments.Last("help") is not null)
        {
            await output.WriteAsync($"Kobune's stand-in for kube-apiserver; all other flags of kube-apiserver are taken and change nothing.\n\nUsage:\n  kube-apiserver [flags]\n\n{StandIns.FlagLines(OwnFlags.Concat(ExtraConfig.AppliedTo("apiserver")).Distinct())}");
            return;
        }

        if (arguments.Last("version") is not null)
        {
            await output.WriteLineAsync($"Kubernetes {version}");
            return;
        }

        var settings = Settings(arguments);
        var store = await FindStoreAsync(arguments.All("etcd-servers"), ct);
        using var loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole(console => console.SingleLine = true).AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace));
        await using var objects = SqliteStore.Open(new(Path.Combine(store.DataDir, "kobune.db")) { WaitsForDisk = store.WaitsForDisk });
        using var own = ClusterCertificates.CreateOrLoad(new(), TimeProvider.System);
        using var serving = StandInKeys.Serving(arguments, own);
        var options = settings.ControlPlane(
            new ControlPlaneOptions
            {
                Version = version,
                Features = settings.Features("apiserver", version, ""),
                Store = objects,
                Certificates = own,
                Listen = [new(Address(arguments.Last("bind-address"), "bind-address") ?? IPAddress.Any, Port(arguments.Last("secure-port") ?? "6443"))],
                Advertise = Address(arguments.Last("advertise-address"), "advertise-address") is { } address && !IPAddress.IsLoopback(address) ? new(address, Port(arguments.Last("secure-port") ?? "6443")) : null,
                ServiceRange = arguments.Last("service-cluster-ip-range") ?? "10.0.0.0/24",
                RunControllers = false,
                RunScheduler = false,
                Loggers = loggers,
            },
            "");
        await using var host = await ControlPlaneHost.StartAsync(
            options with
            {
                Server = o => options.Server!(o) with { ServingCertificate = () => serving },
                Security = o => options.Security!(o with { AuthorizationModes = ["AlwaysAllow"], AllowBootstrapTokens = false }) with
                {
                    ClientAuthorities = arguments.Last("client-ca-file") is { } file ? File.ReadAllText(file) : null,
                    ServiceAccountKeys = StandInKeys.ServiceAccounts(arguments),
                },
            },
            ct);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
    }

    // The flags with an effect are those settings that --extra-config=apiserver.NAME=VALUE takes; what nobody knows ends the program, as there.
    private static ComponentSettings Settings(UpstreamArguments arguments)
    {
        var applied = new List<string>();
        foreach (var (name, value) in arguments.Flags.Where(f => !OwnFlags.Contains(f.Key)))
        {
            var setting = new ExtraConfig("apiserver", name, value);
            if (setting.Effect == SettingEffect.Unknown)
            {
                throw new FormatException($"unknown flag: --{name}");
            }

            if (value.Length > 0 && setting.Problem is not null)
            {
                throw new FormatException($"invalid argument \"{value}\" for \"--{name}\"");
            }

            if (value.Length > 0 && setting.Effect == SettingEffect.Applied)
            {
                applied.Add(setting.ToString());
            }
        }

        return new(applied);
    }

    private static async Task<StandInStore> FindStoreAsync(IReadOnlyList<string> servers, CancellationToken ct)
    {
        if (servers.Count == 0)
        {
            throw new FormatException("--etcd-servers must be specified");
        }

        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(10) };
        try
        {
            var answer = await client.GetByteArrayAsync(new Uri(new Uri(servers[0]), EtcdStandIn.StorePath), ct);
            return JsonSerializer.Deserialize(answer, StandInStoreJson.Default.StandInStore)!;
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or UriFormatException)
        {
            throw new FormatException($"{servers[0]} is not Kobune's stand-in for etcd, which this stand-in for kube-apiserver keeps its objects with ({e.Message})", e);
        }
    }

    private static IPAddress? Address(string? text, string flag) =>
        text is null ? null : IPAddress.TryParse(text, out var address) ? address : throw new FormatException($"invalid argument \"{text}\" for \"--{flag}\": failed to parse IP: \"{text}\"");

    private static int Port(string text) =>
        int.TryParse(text, out var port) && port is > 0 and < 65536 ? port : throw new FormatException($"--secure-port {text} must be between 1 and 65535, inclusive. It cannot be turned off with 0");
}
