using System.Text;

namespace Kobune.Cli.Kubeconfig;

/// <summary>Files with keys in them: nobody but their owner reads them, and they are replaced whole, by a rename.</summary>
internal static class PrivateFile
{
    /// <summary>Writes one.</summary>
    /// <param name="path">Its folder exists.</param>
    /// <param name="text">All of it.</param>
    /// <param name="beforeItIsThere">What is done with the new file before it takes the place; null for nothing.</param>
    public static void Write(string path, string text, Action<string>? beforeItIsThere = null)
    {
        var draft = path + "." + Path.GetRandomFileName();
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var stream = new FileStream(draft, options))
        {
            stream.Write(Encoding.UTF8.GetBytes(text));
        }

        beforeItIsThere?.Invoke(draft);
        File.Move(draft, path, overwrite: true);
    }
}
