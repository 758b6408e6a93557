namespace Kobune.Cli;

/// <summary>The name by which the program was called. As `minikube` it behaves as that: default profile, event types, version; as `kubectl` it is kubectl's door.</summary>
internal static class ProgramName
{
    /// <summary>"kobune", "minikube" or "kubectl".</summary>
    public static string Current { get; } = Of(FirstWord());

    /// <summary>The name that counts: everything else (a build of a developer's, a renamed file) is kobune.</summary>
    internal static string Of(string word) => Path.GetFileNameWithoutExtension(word) is "minikube" or "kubectl" ? Path.GetFileNameWithoutExtension(word) : "kobune";

    // The runtime gives the path of the file itself; the word of the call, which may be a link, is only in the kernel's own list.
    private static string FirstWord()
    {
        const string Words = "/proc/self/cmdline";
        var words = File.Exists(Words) ? File.ReadAllText(Words).Split('\0') : Environment.GetCommandLineArgs();
        var caller = words is [_, Privileges.AsRoot.Command, var pid, ..] ? $"/proc/{pid}/cmdline" : "";
        return File.Exists(caller) ? File.ReadAllText(caller).Split('\0')[0] : words[0];
    }
}
