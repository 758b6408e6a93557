using Kobune.Machine.Host;

namespace Kobune.Cli;

/// <summary>
/// The name by which the program was called. As `minikube` it behaves as that: default profile, event types, version; as `kubectl` it is kubectl's door; as
/// `kube-apiserver` and `etcd` it stands in for those in the tests of operators.
/// </summary>
internal static class ProgramName
{
    private static readonly string[] Others = ["minikube", "kubectl", "kube-apiserver", "etcd"];

    /// <summary>"kobune" or one of the others.</summary>
    public static string Current { get; } = Of(FirstWord());

    /// <summary>The name that counts: everything else (a build of a developer's, a renamed file) is kobune.</summary>
    internal static string Of(string word) => Others.FirstOrDefault(n => n == Path.GetFileNameWithoutExtension(word)) ?? "kobune";

    /// <summary>The folder of the name by which the program was called, which may be a link's.</summary>
    public static string Folder => FirstWord() is var word && word.Contains('/', StringComparison.Ordinal)
        ? Path.GetDirectoryName(Path.GetFullPath(word))!
        : Path.GetDirectoryName(Programs.Find(word) ?? Environment.ProcessPath)!;

    // The runtime gives the path of the file itself; the word of the call, which may be a link, is only in the kernel's own list.
    private static string FirstWord()
    {
        const string Words = "/proc/self/cmdline";
        var words = File.Exists(Words) ? File.ReadAllText(Words).Split('\0') : Environment.GetCommandLineArgs();
        var caller = words is [_, Privileges.AsRoot.Command, var pid, ..] ? $"/proc/{pid}/cmdline" : "";
        return File.Exists(caller) ? File.ReadAllText(caller).Split('\0')[0] : words[0];
    }
}
