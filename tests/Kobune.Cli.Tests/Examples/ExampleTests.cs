using System.Text.RegularExpressions;
using Kobune.Cli.Clusters;
using Kobune.Cli.Commands;
using Kobune.Cli.Images;
using Kobune.Cli.Profiles;
using Kobune.Machine.State;

namespace Kobune.Cli.Tests.Examples;

/// <summary>
/// What each command prints in each form, as files that a person reads too. A change of a form is seen as a change of its file: run the tests with
/// KOBUNE_WRITE_EXAMPLES=1 to write them anew, and look at the difference.
/// </summary>
public sealed partial class ExampleTests : IDisposable
{
    private readonly CommandRun _run = new();

    /// <summary>File (those below ja/ are Japanese), exit code, command line; run for a stopped cluster of two nodes, or for none ("-").</summary>
    public static TheoryData<string, int, string> Commands => new()
    {
        { "status-stopped.txt", 7, "status -p demo" },
        { "status-stopped.json", 7, "status -p demo -o json" },
        { "status-stopped-cluster.json", 7, "status -p demo -o json -l cluster" },
        { "status-stopped-format.txt", 7, "status -p demo --format {{.Host}},{{.APIServer}},{{.Worker}}" },
        { "profile-list.txt", 0, "profile list" },
        { "profile-list.json", 0, "profile list -o json" },
        { "profile-list-light.txt", 0, "profile list --light" },
        { "node-list.txt", 0, "node list -p demo" },
        { "addons-list.txt", 0, "addons list -p demo" },
        { "addons-list-docs.txt", 0, "addons list -p demo --docs" },
        { "addons-list.json", 0, "addons list -p demo -o json" },
        { "addons-list-without-cluster.txt", 0, "addons list -p other" },
        { "addons-images.txt", 0, "addons images csi-hostpath-driver" },
        { "addons-images.json", 0, "addons images headlamp -o json" },
        { "version.txt", 0, "version" },
        { "version-short.txt", 0, "version --short" },
        { "version.json", 0, "version -o json" },
        { "version.yaml", 0, "version -o yaml" },
        { "versions.txt", 0, "versions" },
        { "options.txt", 0, "options" },
        { "logs.txt", 0, "logs -p demo" },
        { "logs-problems.txt", 0, "logs -p demo --problems" },
        { "logs-audit.txt", 0, "logs -p demo --audit" },
        { "config-defaults-driver.txt", 0, "config defaults driver" },
        { "start-dry-run.txt", 0, "start --dry-run" },
        { "start-dry-run.json", 0, "start --dry-run -o json" },
        { "start-unknown-driver.txt", 56, "start --driver hyperkit" },
        { "start-unknown-driver.json", 56, "start --driver hyperkit -o json" },
        { "ip-stopped.txt", 83, "ip -p demo" },
        { "service-list-stopped.txt", 83, "service list -p demo" },
        { "status-missing.txt", 85, "status -p other" },
        { "image-ls-stopped.txt", 0, "image ls -p demo" },
        { "image-load-stopped.txt", 0, "image load -p demo web.tar" },
        { "docker-env-stopped.txt", 83, "docker-env -p demo --shell bash" },
        { "docker-env-unset.txt", 0, "docker-env -u --shell bash" },
        { "podman-env-unset.txt", 0, "podman-env -u --shell fish" },
        { "unknown-command.txt", 14, "nonsense" },
        { "unknown-option.txt", 14, "status --nonsense" },
        { "unexpected-word.txt", 14, "version more" },
        { "missing-command.txt", 14, "image" },
        { "missing-argument.txt", 14, "cp one" },
        { "missing-value.txt", 14, "start --driver" },
        { "bad-value.txt", 14, "status -o xml" },
        { "bad-number.txt", 14, "logs -n many" },
        { "both-formats.txt", 14, "status -p demo -o json --format {{.Host}}" },
        { "start-small-memory.txt", 23, "start --memory 250MB" },
        { "start-small-memory.json", 23, "start --memory 250MB -o json" },
        { "start-old-version.txt", 106, "start --kubernetes-version v1.20.0" },
        { "start-unknown-setting.txt", 14, "start --extra-config kubelet.nonsense=1" },
        { "start-unknown-gate.txt", 14, "start --feature-gates Nonsense=true" },
        { "addon-unknown.txt", 116, "addons enable nonsense -p demo" },
        { "addon-pulls.txt", 116, "addons enable dashboard -p demo" },
        { "config-view-empty.txt", 0, "config view" },
        { "config-get-missing.txt", 14, "config get cpus" },
        { "config-bad-value.txt", 10, "config set memory 250MB" },
        { "config-defaults-version.txt", 0, "config defaults kubernetes-version" },
        { "config-defaults-driver.json", 0, "config defaults driver -o json" },
        { "config-defaults-driver.yaml", 0, "config defaults driver -o yaml" },
        { "profile-active.txt", 0, "profile" },
        { "profile-reserved.txt", 11, "start -p status" },
        { "profile-bad-name.txt", 14, "start -p x_y" },
        { "stop-missing.txt", 85, "stop -p other" },
        { "image-ls-missing.txt", 14, "image ls -p other" },
        { "cp-missing-source.txt", 35, "cp /nonexistent/file /x -p demo" },
        { "mount-missing-source.txt", 35, "mount /nonexistent:/x -p demo" },
        { "mount-bad.txt", 14, "mount nonsense -p demo" },
        { "logs-length.txt", 0, "logs -p demo -n 1" },
        { "logs-node.txt", 0, "logs -p demo --node m02" },
        { "logs-last-start.txt", 0, "logs -p demo --last-start-only" },
        { "update-context-stopped.txt", 83, "update-context -p demo" },
        { "tunnel-stopped.txt", 83, "tunnel -p demo" },
        { "docker-env-unset-fish.txt", 0, "docker-env -u --shell fish" },
        { "docker-env-unset-powershell.txt", 0, "docker-env -u --shell powershell" },
        { "completion-bash.txt", 0, "completion bash" },
        { "completion-zsh.txt", 0, "completion zsh" },
        { "completion-fish.txt", 0, "completion fish" },
        { "completion-powershell.txt", 0, "completion powershell" },
        { "help.txt", 0, "--help" },
        { "help-without-command.txt", 0, "-p demo" },
        { "help-start.txt", 0, "start --help" },
        { "help-service.txt", 0, "service --help" },
        { "help-image-build.txt", 0, "image build -h" },
        { "help-addons.txt", 0, "addons --help" },
        { "ja/help.txt", 0, "--help" },
        { "ja/help-image-build.txt", 0, "image build -h" },
        { "ja/unknown-command.txt", 14, "nonsense" },
        { "ja/unknown-option.txt", 14, "status --nonsense" },
        { "ja/unexpected-word.txt", 14, "version more" },
        { "ja/missing-command.txt", 14, "image" },
        { "ja/missing-argument.txt", 14, "cp one" },
        { "ja/missing-value.txt", 14, "start --driver" },
        { "ja/bad-value.txt", 14, "status -o xml" },
        { "ja/bad-number.txt", 14, "logs -n many" },
        { "ja/status-missing.txt", 85, "status -p other" },
        { "ja/addon-pulls.txt", 116, "addons enable dashboard -p demo" },
    };

    public static TheoryData<string> Forms => ["status-running.txt", "status-running.json", "status-running-cluster.json", "status-paused-cluster.json", "status-one-node.json", "image-ls-short.txt", "image-ls-table.txt", "image-ls.json", "image-ls.yaml"];

    [Theory, MemberData(nameof(Commands))]
    public async Task A_command_prints_its_example(string file, int code, string line)
    {
        Prepare();
        _run.Language = file.StartsWith("ja/", StringComparison.Ordinal) ? "ja" : "en";
        var actual = await _run.RunAsync(line.Split(' '));
        var text = (_run.Output + (_run.Error.Length > 0 ? "--- standard error\n" + _run.Error : "")).Replace(_run.Home, "HOME", StringComparison.Ordinal);
        await CompareAsync(file, Volatile().Replace(text, "…"));
        Assert.Equal(code, actual);
    }

    [Theory, MemberData(nameof(Forms))]
    public Task A_running_cluster_prints_its_example(string file)
    {
        NodeStatus first = new("demo", "Running", "Running", "Running", "Configured", false);
        NodeStatus second = new("demo-m02", "Running", "Running", "Irrelevant", "Irrelevant", true);
        ImageInfo[] images = [new("873ed75102791aa", ["registry.k8s.io/pause:3.10"], [], 736000), new("a1b2c3d4e5f60718", ["docker.io/library/web:1", "docker.io/library/web:latest"], ["docker.io/library/web@sha256:aaaa"], 123456789)];
        return CompareAsync(file, file switch
        {
            "status-running.txt" => StatusCommand.Text([first, second]),
            "status-running.json" => StatusCommand.Json([first, second]),
            "status-running-cluster.json" => ClusterLayout.Write("demo", [first, second]),
            "status-paused-cluster.json" => ClusterLayout.Write("demo", [first with { APIServer = "Paused", Kubelet = "Stopped" }]),
            "status-one-node.json" => StatusCommand.Json([first with { TimeToStop = "4m52s" }]),
            "image-ls-short.txt" => ImageInfo.Format(images, "short"),
            "image-ls-table.txt" => ImageInfo.Format(images, "table"),
            "image-ls.json" => ImageInfo.Format(images, "json"),
            _ => ImageInfo.Format(images, "yaml"),
        });
    }

    public void Dispose() => _run.Dispose();

    private void Prepare()
    {
        var home = new MachineHome(_run.Home);
        new ProfileStore(home).Save(new()
        {
            Name = "demo",
            Subnet = "192.168.49.0/24",
            Nodes = ClusterPlan.Nodes(new() { Name = "demo", Subnet = "192.168.49.0/24" }, 2),
            Addons = new Dictionary<string, bool> { ["metallb"] = true },
            KubernetesConfig = new() { ClusterName = "demo" },
        });
        foreach (var node in (string[])["demo", "demo-m02"])
        {
            var logs = Path.Combine(ClusterKeys.DataFolderOf(home, node), "logs");
            Directory.CreateDirectory(logs);
            File.WriteAllText(Path.Combine(logs, "node.log"), "supervisor: machine starts\n2026-01-01T00:00:00.000Z info: Kobune.Kubelet[0] Node ready\nsupervisor: node ended with 1, next start in 0 s\n");
        }

        var time = new DateTimeOffset(2026, 1, 2, 3, 4, 0, TimeSpan.Zero);
        new AuditLog(home, "demo").Record(new("start", "-p demo --nodes 2", "demo", "root", "v0.1.0", time, time.AddMinutes(1), 0));
    }

    private static async Task CompareAsync(string file, string text)
    {
        var path = Path.Combine(Folder(), file);
        if (Environment.GetEnvironmentVariable("KOBUNE_WRITE_EXAMPLES") == "1")
        {
            await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
        }

        Assert.Equal(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), text);
    }

    private static string Folder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Directory.Packages.props")))
            {
                return Path.Combine(folder.FullName, "tests", "Kobune.Cli.Tests", "Examples", "files");
            }
        }

        throw new InvalidOperationException("the tests run outside of a clone");
    }

    // Ids, this computer's name and architecture, and a profile's own file, which grows with the options of start.
    [GeneratedRegex(@"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<=Kobune v[0-9.]+ on ).*? \((amd64|arm64)\)|(?<=linux/)(amd64|arm64)|(?<=""Config"":\{).*(?=\},""Active"")")]
    private static partial Regex Volatile();
}
