using Kobune.Cli.Mounts;
using Kobune.Cli.Output;

namespace Kobune.Cli.Tests.Mounts;

public class MountTextTests
{
    [Fact]
    public void Host_and_node_are_split_at_the_last_colon()
    {
        var folder = Directory.CreateTempSubdirectory("kobune:mount-").FullName;
        var mount = MountText.Parse(folder + ":/in/node/", "1000", "root", "0750", ["ro,noexec", "rw"]);
        Assert.Equal((folder, "/in/node", true, 1000u, 0u, 0b111_101_000), (mount.Source, mount.Target, mount.ReadOnly, mount.User, mount.Group, mount.Mode));
        Assert.Equal(["noexec"], mount.Options);
        Directory.Delete(folder);
    }

    [Theory]
    [InlineData("/tmp", null, null, "rw", 14)]
    [InlineData("/tmp:relative", null, null, "rw", 14)]
    [InlineData(":/x", null, null, "rw", 14)]
    [InlineData("/no/such/folder:/x", null, null, "rw", 35)]
    [InlineData("/tmp:/x", "nobody-of-this-name", null, "rw", 14)]
    [InlineData("/tmp:/x", null, "9", "rw", 14)]
    [InlineData("/tmp:/x", null, null, "nonsense", 14)]
    public void Bad_input_has_its_exit_code(string text, string? user, string? mode, string options, int code) =>
        Assert.Equal(code, Assert.Throws<CliException>(() => MountText.Parse(text, user, null, mode, [options])).Reason.ExitCode);
}
