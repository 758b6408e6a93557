namespace Kobune.Machine.Host;

/// <summary>Settings of the .NET runtime and the C library that they read only from the environment, before any code of ours.</summary>
public static class RuntimeSettings
{
    /// <summary>All that a node runs with.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> OfNode => [WriteXorExecute, YoungObjects, Arenas];

    /// <summary>
    /// Lets memory be writable and executable at once (DOTNET_EnableWriteXorExecute=0, as before .NET 7). Mapping each page of compiled code twice takes a sixth of the
    /// processor time of a node's start.
    /// </summary>
    public static KeyValuePair<string, string> WriteXorExecute => new("DOTNET_EnableWriteXorExecute", "0");

    /// <summary>
    /// Makes no pipes and no socket for debuggers in the folder for temporary files (DOTNET_EnableDiagnostics=0): the runtime takes them away at its end, which a program that
    /// becomes another one never sees.
    /// </summary>
    public static KeyValuePair<string, string> NoDiagnostics => new("DOTNET_EnableDiagnostics", "0");

    /// <summary>
    /// How much a node allocates between two collections of its young objects, 8 MiB (DOTNET_GCgen0size, in hexadecimal digits). Without it the size follows the processor's
    /// cache, 32 MiB and more on servers, and an idle node fills that with garbage before any is collected.
    /// </summary>
    private static KeyValuePair<string, string> YoungObjects => new("DOTNET_GCgen0size", "800000");

    /// <summary>
    /// In how many areas the C library allocates, 2 (MALLOC_ARENA_MAX, mallopt(3)). Without it each new thread takes another until there are eight for each processor, and each keeps some of what
    /// was freed: a third of an idle node's own memory.
    /// </summary>
    private static KeyValuePair<string, string> Arenas => new("MALLOC_ARENA_MAX", "2");
}
