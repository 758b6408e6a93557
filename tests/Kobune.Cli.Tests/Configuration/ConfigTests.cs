namespace Kobune.Cli.Tests.Configuration;

public sealed class ConfigTests : IDisposable
{
    private readonly CommandRun _run = new();

    [Fact]
    public async Task A_value_is_set_read_shown_and_taken_away()
    {
        Assert.Equal(0, await _run.RunAsync("config", "set", "cpus", "2"));
        Assert.Contains("take effect upon a kobune delete", _run.Error, StringComparison.Ordinal);
        Assert.Equal(0, await _run.RunAsync("config", "set", "EmbedCerts", "true"));
        Assert.Equal("", _run.Error);
        Assert.Equal(0, await _run.RunAsync("config", "get", "cpus"));
        Assert.Equal("2\n", _run.Output);
        Assert.Equal(0, await _run.RunAsync("config", "view"));
        Assert.Equal("- EmbedCerts: true\n- cpus: 2\n", _run.Output);
        Assert.Equal(0, await _run.RunAsync("config", "view", "--format", "{{.ConfigKey}}={{.ConfigValue}}"));
        Assert.Equal("EmbedCerts=true\ncpus=2\n", _run.Output);
        Assert.Equal("{\n  \"cpus\": \"2\",\n  \"EmbedCerts\": true\n}", await File.ReadAllTextAsync(Path.Combine(_run.Home, "config", "config.json"), TestContext.Current.CancellationToken));
        Assert.Equal(0, await _run.RunAsync("config", "unset", "cpus"));
        Assert.Equal(0, await _run.RunAsync("config", "unset", "EmbedCerts"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_run.Home));
    }

    [Theory]
    [InlineData("get nothing", 14, "Error: specified key could not be found in config")]
    [InlineData("set nothing 1", 10, "MK_CONFIG_SET")]
    [InlineData("unset nothing", 10, "MK_CONFIG_UNSET")]
    [InlineData("set cpus many", 10, "MK_CONFIG_SET")]
    [InlineData("set memory 10MB", 10, "MK_CONFIG_SET")]
    [InlineData("set driver hyperkit", 10, "not supported on linux/")]
    [InlineData("set EmbedCerts perhaps", 10, "MK_CONFIG_SET")]
    [InlineData("set kubernetes-version v1.2.3", 10, "MK_CONFIG_SET")]
    [InlineData("defaults cpus", 14, "no defaults for property")]
    public async Task What_cannot_be_is_refused(string line, int code, string words)
    {
        Assert.Equal(code, await _run.RunAsync(["config", .. line.Split(' ')]));
        Assert.Contains(words, _run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_run.Home));
    }

    [Theory]
    [InlineData("driver", "", "* native\n")]
    [InlineData("driver", "json", "[\"native\"]\n")]
    [InlineData("kubernetes-version", "yaml", "- v1.36.0\n")]
    public async Task Defaults_are_listed(string key, string form, string expected)
    {
        Assert.Equal(0, await _run.RunAsync(["config", "defaults", key, .. form.Length == 0 ? (string[])[] : ["-o", form]]));
        Assert.Equal(expected, _run.Output);
    }

    [Fact]
    public async Task A_flag_wins_over_the_environment_and_that_over_the_config()
    {
        Assert.Equal(0, await _run.RunAsync("config", "set", "cpus", "2"));
        _run.Variables["KOBUNE_CPUS"] = "1"; // refused where it counts
        Assert.Equal(29, await _run.RunAsync("start", "--dry-run"));
        Assert.Equal(0, await _run.RunAsync("start", "--dry-run", "--cpus", "2"));
        _run.Variables.Clear();
        Assert.Equal(0, await _run.RunAsync("start", "--dry-run"));
        Assert.Equal(29, await _run.RunAsync("start", "--dry-run", "--cpus", "1"));
    }

    [Fact]
    public async Task Old_spellings_are_understood()
    {
        Assert.Equal(56, await _run.RunAsync("start", "--dry-run", "--vm-driver", "hyperkit"));
        _run.Variables["KOBUNE_VM_DRIVER"] = "hyperkit";
        Assert.Equal(56, await _run.RunAsync("start", "--dry-run"));
        Assert.Equal(0, await _run.RunAsync("get-k8s-versions"));
        Assert.Contains("- v1.36.0", _run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_profile_is_that_of_the_flag_the_environment_the_config_or_the_default()
    {
        Assert.Equal(0, await _run.RunAsync("profile"));
        Assert.Equal("kobune\n", _run.Output);
        Assert.Equal(0, await _run.RunAsync("config", "set", "profile", "third"));
        Assert.Equal(0, await _run.RunAsync("profile"));
        Assert.Equal("third\n", _run.Output);
        _run.Variables["KOBUNE_PROFILE"] = "second";
        Assert.Equal(0, await _run.RunAsync("profile"));
        Assert.Equal("second\n", _run.Output);
        Assert.Equal(0, await _run.RunAsync("profile", "-p", "first"));
        Assert.Equal("first\n", _run.Output);
    }

    [Fact]
    public async Task Switching_to_an_unknown_profile_tells_and_changes_nothing()
    {
        Assert.Equal(0, await _run.RunAsync("profile", "nobody"));
        Assert.Contains("kobune start -p nobody", _run.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_run.Home));
        Assert.Equal(11, await _run.RunAsync("profile", "Status"));
    }

    public void Dispose() => _run.Dispose();
}
