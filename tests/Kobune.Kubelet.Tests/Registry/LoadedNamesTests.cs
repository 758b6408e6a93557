using Kobune.Kubelet.Registry;

namespace Kobune.Kubelet.Tests.Registry;

public sealed class LoadedNamesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kobune-loaded-").FullName;

    private string Path => System.IO.Path.Combine(_folder, "data", "loaded-images.json");

    [Fact]
    public async Task Names_are_kept_and_a_broken_file_is_none()
    {
        var ct = TestContext.Current.CancellationToken;
        var names = new LoadedNames(Path, TimeProvider.System);
        Assert.Empty(names.Read());
        await names.ChangeAsync(n => n["a.test/web:1"] = "sha256:aa", ct);
        Assert.Equal("sha256:aa", new LoadedNames(Path, TimeProvider.System).Read()["a.test/web:1"]);
        await File.WriteAllTextAsync(Path, "{\"a.test/web:1", ct);
        Assert.Empty(names.Read());
    }

    [Fact]
    public async Task Changes_at_the_same_time_are_all_kept()
    {
        var ct = TestContext.Current.CancellationToken;
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => new LoadedNames(Path, TimeProvider.System).ChangeAsync(n => n[$"a.test/web:{i}"] = "sha256:aa", ct), ct)));
        Assert.Equal(20, new LoadedNames(Path, TimeProvider.System).Read().Count);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
