using Kobune.Addons.Catalog;

namespace Kobune.Cli.Tests.Commands;

public sealed class SmallCommandTests : IDisposable
{
    private readonly CommandRun _run = new();

    [Theory]
    [InlineData("sta", "start status")]
    [InlineData("addons|enable|ingress", "ingress ingress-dns")]
    [InlineData("completion|", "bash fish powershell zsh")]
    [InlineData("config|get|kub", "kubernetes-version")]
    [InlineData("start|--dry", "--dry-run")]
    public async Task Words_are_completed(string words, string expected)
    {
        Assert.Equal(0, await _run.RunAsync(["__complete", .. words.Split('|')]));
        var found = _run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Subset(found.ToHashSet(), expected.Split(' ').ToHashSet());
        Assert.DoesNotContain(found, f => !f.StartsWith(words.Split('|')[^1], StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _kobune_complete kobune")]
    [InlineData("zsh", "compdef _kobune kobune")]
    [InlineData("fish", "complete -c kobune")]
    [InlineData("powershell", "Register-ArgumentCompleter -Native -CommandName kobune")]
    public async Task Each_shell_has_a_script(string shell, string line)
    {
        Assert.Equal(0, await _run.RunAsync("completion", shell));
        Assert.Contains(line, _run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Addons_are_listed_by_name_where_there_is_no_cluster()
    {
        Assert.Equal(0, await _run.RunAsync("addons", "list"));
        Assert.Contains("│ ADDON NAME ", _run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("PROFILE", _run.Output, StringComparison.Ordinal);
        Assert.Equal(AddonCatalog.All.Count + 4, _run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(0, await _run.RunAsync("addons", "list", "-o", "json"));
        Assert.StartsWith("{\"ambassador\":{}", _run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("addons enable ingress", 85, "To start a cluster, run")]
    [InlineData("addons enable nonsense", 116, "SVC_ADDON_UNSUPPORTED")]
    [InlineData("addons disable nonsense", 116, "SVC_ADDON_UNSUPPORTED")]
    [InlineData("start --dry-run --addons dashboard", 116, "kubernetesui/dashboard")]
    [InlineData("node add", 85, "GUEST_NOT_FOUND")]
    [InlineData("pause", 85, "GUEST_NOT_FOUND")]
    [InlineData("unpause", 85, "GUEST_NOT_FOUND")]
    [InlineData("resume", 85, "GUEST_NOT_FOUND")]
    [InlineData("version --components", 85, "GUEST_NOT_FOUND")]
    [InlineData("update-check", 49, "KOBUNE_RELEASES_URL")]
    [InlineData("status --user aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 14, "60 chars")]
    public async Task What_cannot_be_done_has_an_exit_code(string line, int code, string words)
    {
        Assert.Equal(code, await _run.RunAsync(line.Split(' ')));
        Assert.Contains(words, _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_of_minikube_scripts_are_understood_everywhere()
    {
        Assert.Equal(0, await _run.RunAsync("version", "--short", "--alsologtostderr", "-v=5", "--bootstrapper", "kubeadm"));
        Assert.Equal(0, await _run.RunAsync("options"));
        Assert.Contains("-p, --profile:", _run.Output, StringComparison.Ordinal);
        Assert.Contains("--alsologtostderr:", _run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Licenses_are_written()
    {
        Assert.Equal(0, await _run.RunAsync("license", "-d", _run.Home));
        Assert.Contains("Apache-2.0", await File.ReadAllTextAsync(Path.Combine(_run.Home, "licenses", "SQLitePCLRaw.txt"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/usr/local/bin/minikube", "minikube")]
    [InlineData("kubectl", "kubectl")]
    [InlineData("/tmp/assets/kube-apiserver", "kube-apiserver")]
    [InlineData("/tmp/assets/etcd", "etcd")]
    [InlineData("./kobune", "kobune")]
    [InlineData("artifacts/kobune-debug", "kobune")]
    public void The_program_is_what_it_is_called(string word, string name) => Assert.Equal(name, ProgramName.Of(word));

    public void Dispose() => _run.Dispose();
}
