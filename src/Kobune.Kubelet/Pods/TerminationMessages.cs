using System.Text;
using Kobune.Kubelet.Logs;
using Kobune.Kubelet.Runtime;

namespace Kobune.Kubelet.Pods;

/// <summary>The message of a container that ended: its termination log, or the tail of its log (kuberuntime_container.go getTerminationMessage).</summary>
internal static class TerminationMessages
{
    private const int MaxFile = 4096;
    private const int MaxTailBytes = 2048;
    private const int MaxTailLines = 80;

    internal static string Read(RuntimeContainer run)
    {
        var text = run.TerminationMessageFile.Length > 0 ? Head(run.TerminationMessageFile) : "";
        if (text.Length == 0 && run.TerminationMessagePolicy == "FallbackToLogsOnError" && run.ExitCode != 0 && run.LogPath.Length > 0)
        {
            text = LogTail.Text(run.LogPath, MaxTailLines, MaxTailBytes);
        }

        return text.Length > 0 ? text : run.Message;
    }

    private static string Head(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var buffer = new byte[MaxFile];
            return Encoding.UTF8.GetString(buffer, 0, stream.ReadAtLeast(buffer, MaxFile, throwOnEndOfStream: false));
        }
        catch (IOException)
        {
            return "";
        }
    }
}
