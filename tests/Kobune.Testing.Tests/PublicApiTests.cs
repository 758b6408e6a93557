using System.Runtime.CompilerServices;

namespace Kobune.Testing.Tests;

/// <summary>The public members of Kobune.Testing, and of the types of our other assemblies that its signatures show, are those of PublicApi.txt. KOBUNE_WRITE_API=1 writes the text anew.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void The_public_API_is_the_written_one()
    {
        var actual = PublicApi.Describe(typeof(TestCluster).Assembly);
        var file = Path.Combine(Folder(), "PublicApi.txt");
        if (Environment.GetEnvironmentVariable("KOBUNE_WRITE_API") == "1")
        {
            File.WriteAllText(file, actual);
        }

        Assert.Equal(File.ReadAllText(file).ReplaceLineEndings("\n"), actual);
    }

    private static string Folder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
