namespace Kobune.ApiServer.Http;

/// <summary>The largest body that is taken: upstream's 3 MiB.</summary>
internal static class BodyLimit
{
    public const long MaxBytes = 3 * 1024 * 1024;
}
