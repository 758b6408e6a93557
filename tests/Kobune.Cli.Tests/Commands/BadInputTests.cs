using Kobune.Cli.Texts;
using Kobune.Machine.State;

namespace Kobune.Cli.Tests.Commands;

/// <summary>Issue "bad input": one clear line, the mend, an exit code. Nothing here touches the host.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("kobune-cli-test-").FullName;
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public static TheoryData<string, int, string> Cases => new()
    {
        { "start --no-such-flag", 14, "MK_USAGE" },
        { "nonsense", 14, "MK_USAGE" },
        { "start -p a", 14, "not a valid profile name" },
        { "start -p status", 11, "MK_RESERVED_PROFILE" },
        { "start --driver=fail", 56, "The driver 'fail' is not supported on linux/" },
        { "start --dry-run --memory 250MB", 23, "RSRC_INSUFFICIENT_REQ_MEMORY" },
        { "start --dry-run --cpus 1", 29, "RSRC_INSUFFICIENT_CORES" },
        { "start --dry-run --kubernetes-version v1.20.0", 106, "K8S_OLD_UNSUPPORTED" },
        { "start --dry-run --subnet 8.8.8.0/24", 14, "not private" },
        { "start --dry-run --subnet tomorrow", 14, "MK_USAGE" },
        { "start --dry-run --static-ip 192.168.49.1", 14, "no usable static address" },
        { "start --dry-run --ports 80:http", 14, "--ports" },
        { "tunnel", 85, "not found" },
        { "start --dry-run --nodes 0", 14, "--nodes" },
        { "start --dry-run --wait teatime", 14, "--wait" },
        { "status", 85, "To start a cluster, run" },
        { "stop -p nobody", 85, "Profile \"nobody\" not found" },
        { "ip", 85, "GUEST_NOT_FOUND" },
        { "service hello --url", 85, "GUEST_NOT_FOUND" },
        { "service", 14, "MK_USAGE" },
        { "logs", 85, "GUEST_NOT_FOUND" },
        { "image ls", 14, "Profile \"kobune\" not found" },
        { "image load x.tar", 14, "MK_USAGE" },
        { "image save", 14, "MK_USAGE" },
        { "image ls --format xml", 14, "MK_USAGE" },
        { "docker-env", 85, "false exit code 85" },
        { "podman-env --shell fish", 85, "GUEST_NOT_FOUND" },
        { "start --dry-run --registry-mirror mirror.test", 14, "--registry-mirror" },
        { "start --dry-run --registry-mirror https://mirror.test/path", 14, "--registry-mirror" },
        { "update-context", 85, "GUEST_NOT_FOUND" },
        { "profile list", 14, "MK_USAGE_NO_PROFILE" },
        { "status -o json -f {{.Host}}", 14, "Cannot use both" },
    };

    [Theory, MemberData(nameof(Cases))]
    public async Task Bad_input_gets_one_line_and_an_exit_code(string line, int code, string words)
    {
        var actual = await RunAsync("en", line);
        Assert.True(code == actual, $"kobune {line}: exit code {actual} instead of {code}\n{_output}\n{_error}");
        Assert.Contains(words, _error.ToString() + _output, StringComparison.Ordinal); // with -o json on standard output
        Assert.Empty(Directory.EnumerateFileSystemEntries(_home));
    }

    [Fact]
    public async Task Dry_run_changes_nothing_and_speaks_the_users_language()
    {
        Assert.Equal(0, await RunAsync("ja", "start --dry-run"));
        Assert.Contains("native ドライバーが自動的に選択されました", _output.ToString(), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_home));
    }

    [Fact]
    public async Task A_failure_in_json_is_the_last_event()
    {
        Assert.Equal(56, await RunAsync("en", "start --driver=fail --output=json"));
        Assert.Contains("io.k8s.sigs.kobune.error", _output.ToString().TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
        Assert.Equal("", _error.ToString());
    }

    [Fact]
    public async Task A_damaged_profile_names_itself_and_its_mend()
    {
        Directory.CreateDirectory(Path.Combine(_home, "profiles", "kobune"));
        await File.WriteAllTextAsync(Path.Combine(_home, "profiles", "kobune", "config.json"), "{\"Name\": ", TestContext.Current.CancellationToken);
        Assert.Equal(38, await RunAsync("en", "status"));
        Assert.Contains("kobune delete -p kobune", _error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("version --short", "v")]
    [InlineData("version", "kobune version: v")]
    [InlineData("version -o json", "\"kobuneVersion\":\"v")]
    public async Task Version_is_printed(string line, string start)
    {
        Assert.Equal(0, await RunAsync("en", line));
        Assert.Contains(start, _output.ToString(), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        Directory.Delete(_home, recursive: true);
        _output.Dispose();
        _error.Dispose();
    }

    private Task<int> RunAsync(string language, string line)
    {
        var context = new CommandContext
        {
            Out = _output,
            Error = _error,
            Texts = Translator.For(language),
            Home = new MachineHome(_home),
            Variable = name => name == "KUBECONFIG" ? Path.Combine(_home, "kubeconfig") : null,
        };
        return Program.RunAsync(context, line.Split(' '));
    }
}
