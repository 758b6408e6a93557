namespace Kobune.Kubelet.Volumes;

/// <summary>hostPath's type checks (volume/hostpath).</summary>
internal static class HostPath
{
    /// <exception cref="VolumeException">The path is not of the type.</exception>
    internal static void Check(string path, string? type)
    {
        switch (type)
        {
            case null or "":
                break;
            case "DirectoryOrCreate":
                if (!Exists(path))
                {
                    Directory.CreateDirectory(path, (UnixFileMode)0b111_101_101);
                }

                Require(Directory.Exists(path), path, "a directory");
                break;
            case "Directory":
                Require(Directory.Exists(path), path, "a directory");
                break;
            case "FileOrCreate":
                if (!Exists(path))
                {
                    File.Create(path).Dispose();
                    File.SetUnixFileMode(path, (UnixFileMode)0b110_100_100);
                }

                Require(IsRegular(path), path, "a file");
                break;
            case "File":
                Require(IsRegular(path), path, "a file");
                break;
            case "Socket":
                Require(Kind(path) == 's', path, "a socket file");
                break;
            case "CharDevice":
                Require(Kind(path) == 'c', path, "a character device");
                break;
            case "BlockDevice":
                Require(Kind(path) == 'b', path, "a block device");
                break;
            default:
                throw new VolumeException($"{type} is an invalid volume type");
        }
    }

    private static bool Exists(string path) => Path.Exists(path);

    private static bool IsRegular(string path) => Kind(path) == '-';

    /// <summary>The letter of ls -l, links followed; a space when nothing is there.</summary>
    private static char Kind(string path)
    {
        if (Directory.Exists(path))
        {
            return 'd';
        }

        return File.Exists(path) ? Machine.FileKind.Of(path) : ' ';
    }

    private static void Require(bool holds, string path, string what)
    {
        if (!holds)
        {
            throw new VolumeException($"hostPath type check failed: {path} is not {what}");
        }
    }
}
