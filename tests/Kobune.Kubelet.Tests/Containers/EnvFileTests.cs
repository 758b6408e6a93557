using System.Text;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Kubelet.Containers;
using Kobune.Kubelet.Volumes;

namespace Kobune.Kubelet.Tests.Containers;

public sealed class EnvFileTests : IPodObjects, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kobune-env").FullName;

    private static string Find(string text, string name) => EnvFile.Find(new MemoryStream(Encoding.UTF8.GetBytes(text)), name);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public Task<ConfigMap?> FindConfigMapAsync(string ns, string name, CancellationToken ct) => Task.FromResult<ConfigMap?>(null);

    public Task<Secret?> FindSecretAsync(string ns, string name, CancellationToken ct) => Task.FromResult<Secret?>(null);

    [Theory]
    [InlineData("A='1'", "1")]
    [InlineData("A='1'\n", "1")]
    [InlineData("A='1'\r\n", "1")]
    [InlineData(" \t A='1'", "1")]
    [InlineData("# A='0'\n\n  # more\nA='1'", "1")]
    [InlineData("A='1'  # why", "1")]
    [InlineData("A='1'\nA='2'", "1")]
    [InlineData("B='x'\nA='1'", "1")]
    [InlineData("A=' 1 # 2 \"$B\" \\n = '", " 1 # 2 \"$B\" \\n = ")]
    [InlineData("A='one\n  two\n\n#three'", "one\n  two\n\n#three")]
    [InlineData("B='one\nA='\nA='1'", "1")] // the second line ends B's value
    [InlineData("A=''", "")]
    [InlineData("A= '1'", "")]
    [InlineData("B= 1\nA='1'", "1")]
    [InlineData("AA='1'", "")]
    [InlineData("a='1'", "")]
    [InlineData("", "")]
    [InlineData("A='1'\nno variable", "1")] // nobody looks behind what was asked for
    public void A_variable_is_found(string text, string value) => Assert.Equal(value, Find(text, "A"));

    [Theory]
    [InlineData("A=1")]
    [InlineData("A=")]
    [InlineData("A=\"1\"")]
    [InlineData("A ='1'")]
    [InlineData("='1'")]
    [InlineData("A")]
    [InlineData("B=1\nA='1'")]
    [InlineData("A='1''2'")]
    [InlineData("A='1'$B")]
    [InlineData("A='1")]
    [InlineData("A='1\nB")]
    public void Another_form_is_refused(string text) => Assert.Throws<FormatException>(() => Find(text, "A"));

    [Fact]
    public void A_file_that_is_cut_anywhere_gives_its_value_nothing_or_an_error()
    {
        const string text = "# c\nB='x\ny' # z\nA='1'\n";
        for (var length = 0; length <= text.Length; length++)
        {
            try
            {
                Assert.Contains(Find(text[..length], "A"), (string[])["", "1"]);
            }
            catch (FormatException)
            {
                // Half a line is none.
            }
        }
    }

    [Fact]
    public void A_line_has_an_end()
    {
        var fits = new string('x', EnvFile.LongestLine - "A=''".Length - 1);
        Assert.Equal(fits, Find($"A='{fits}'", "A"));
        Assert.Throws<FormatException>(() => Find($"A='{fits}x'", "A"));
    }

    private async Task<string> EnvironmentAsync(FileKeySelector selector)
    {
        var container = new Container { Name = "c", Env = [new() { Name = "V", ValueFrom = new() { FileKeyRef = selector } }, new() { Name = "W", Value = "<$(V)>" }] };
        var pod = new Pod { Metadata = new() { Name = "p", Namespace = "d" }, Spec = new() { EnableServiceLinks = false, Containers = [container] } };
        var sources = new EnvironmentSources(this, [], new Dictionary<string, Quantity>(), [], []) { Volumes = new Dictionary<string, MountedVolume> { ["v"] = new(_folder, false) } };
        var found = await ContainerEnvironment.ComputeAsync(pod, container, sources, (_, _) => { }, default);
        return string.Join(' ', found.Where(p => p.Key is "V" or "W").Select(p => $"{p.Key}={p.Value}"));
    }

    [Theory]
    [InlineData("app.env", "KEY", false, "V=value W=<value>")]
    [InlineData("sub/../app.env", "KEY", false, "V=value W=<value>")]
    [InlineData("link.env", "KEY", false, "V=value W=<value>")]
    [InlineData("app.env", "NONE", true, "W=<$(V)>")]
    public async Task A_variable_comes_out_of_a_file(string path, string key, bool optional, string environment)
    {
        File.WriteAllText(_folder + "/app.env", "KEY='value'\n");
        Directory.CreateDirectory(_folder + "/sub");
        File.CreateSymbolicLink(_folder + "/link.env", "/../../app.env"); // for who wrote it, the volume was the root
        Assert.Equal(environment, await EnvironmentAsync(new() { VolumeName = "v", Path = path, Key = key, Optional = optional }));
    }

    [Theory]
    [InlineData("v", "app.env", "NONE", false, "environment variable key \"NONE\" not found in file \"{0}/app.env\"")]
    [InlineData("v", "none.env", "KEY", true, "couldn't parse env file")]
    [InlineData("v", "bad.env", "KEY", true, "couldn't parse env file")]
    [InlineData("v", "circle.env", "KEY", true, "couldn't parse env file")]
    [InlineData("v", "sub", "KEY", true, "couldn't parse env file")]
    [InlineData("w", "app.env", "KEY", true, "cannot find the volume \"w\" referenced by FileKeyRef")]
    public async Task A_variable_that_cannot_be_had_keeps_the_container_from_starting(string volume, string path, string key, bool optional, string message)
    {
        File.WriteAllText(_folder + "/app.env", "KEY='value'\n");
        File.WriteAllText(_folder + "/bad.env", "KEY=value\n");
        Directory.CreateDirectory(_folder + "/sub");
        File.CreateSymbolicLink(_folder + "/circle.env", "circle.env");
        var thrown = await Assert.ThrowsAsync<ContainerConfigException>(() => EnvironmentAsync(new() { VolumeName = volume, Path = path, Key = key, Optional = optional }));
        Assert.Equal(string.Format(null, message, _folder), thrown.Message);
    }
}
