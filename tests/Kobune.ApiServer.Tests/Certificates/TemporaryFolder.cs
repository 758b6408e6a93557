namespace Kobune.ApiServer.Tests.Certificates;

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("kobune-certs-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
