using System.Text;
using Kobune.Cli.Output;
using Kobune.Cli.Privileges;
using Kobune.Cli.Texts;
using Kobune.Machine.Host;

namespace Kobune.Cli.Kubeconfig;

/// <summary>The user's kubeconfig: the first file of KUBECONFIG, else ~/.kube/config. Changed under kubectl's own lock (FILE.lock), by a rename.</summary>
internal sealed class KubeconfigFile(CommandContext context)
{
    private static readonly TimeSpan LockLimit = TimeSpan.FromSeconds(10);

    /// <summary>The file.</summary>
    public string Path { get; } = Locate(context.Variable);

    /// <summary>Reads it; a missing file has no entries.</summary>
    /// <exception cref="CliException">It is broken; the message names the file and the line.</exception>
    public KubeconfigText Read()
    {
        try
        {
            return KubeconfigText.Parse(File.Exists(Path) ? File.ReadAllText(Path) : "");
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new CliException(Reason.KubeconfigUpdate, Message.KubeconfigBroken, Path, e.Message.ReplaceLineEndings(" ")) { Advice = (Message.KubeconfigMend, [Path]) };
        }
    }

    /// <summary>Changes it; nothing is written when the change returns false.</summary>
    public async Task ChangeAsync(Func<KubeconfigText, bool> change, CancellationToken ct)
    {
        if (!File.Exists(Path) && !change(KubeconfigText.Parse("")))
        {
            return; // nothing to change, and no folder to make for it
        }

        var folder = System.IO.Path.GetDirectoryName(Path)!;
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            UserFiles.Give(folder, context.Variable);
        }

        var gate = Path + ".lock";
        await LockAsync(gate, ct);
        try
        {
            var text = Read();
            if (change(text))
            {
                Write(text.ToString());
            }
        }
        finally
        {
            File.Delete(gate);
        }
    }

    private static string Locate(Func<string, string?> variable) =>
        variable("KUBECONFIG")?.Split(':', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault() is { } first
            ? System.IO.Path.GetFullPath(first)
            : System.IO.Path.Combine(HomeFolder.UserFolder(variable), ".kube", "config");

    private async Task LockAsync(string gate, CancellationToken ct)
    {
        var start = context.Time.GetTimestamp();
        while (true)
        {
            try
            {
                await using var file = new FileStream(gate, FileMode.CreateNew);
                await file.WriteAsync(Encoding.UTF8.GetBytes(KubeconfigGate.Own), CancellationToken.None);
                return;
            }
            catch (IOException) when (KubeconfigGate.IsLeftBehind(gate))
            {
                using var held = await FolderLock.AcquireAsync(System.IO.Path.GetDirectoryName(gate)!, context.Time, ct);
                if (KubeconfigGate.IsLeftBehind(gate))
                {
                    File.Delete(gate); // nobody else of ours has cleared and taken it meanwhile
                }
            }
            catch (IOException) when (File.Exists(gate) && context.Time.GetElapsedTime(start) < LockLimit)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), context.Time, ct);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw File.Exists(gate)
                    ? new CliException(Reason.KubeconfigUpdate, Message.KubeconfigLocked, Path) { Advice = (Message.KubeconfigUnlock, [gate]) }
                    : new CliException(Reason.KubeconfigUpdate, Message.KubeconfigBroken, Path, e.Message);
            }
        }
    }

    private void Write(string text)
    {
        // A link is the user's choice of place: the file behind it is replaced, not the link.
        var target = File.Exists(Path) ? File.ResolveLinkTarget(Path, returnFinalTarget: true)?.FullName ?? Path : Path;
        PrivateFile.Write(target, text, draft => UserFiles.Give(draft, context.Variable));
    }
}
