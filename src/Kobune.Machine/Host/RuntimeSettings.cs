namespace Kobune.Machine.Host;

/// <summary>Settings of the .NET runtime that it reads only from the environment, before any code of ours.</summary>
public static class RuntimeSettings
{
    /// <summary>
    /// Lets memory be writable and executable at once (DOTNET_EnableWriteXorExecute=0, as before .NET 7). Mapping each page of compiled code twice takes a sixth of the
    /// processor time of a node's start.
    /// </summary>
    public static KeyValuePair<string, string> WriteXorExecute => new("DOTNET_EnableWriteXorExecute", "0");

    /// <summary>
    /// How much a node allocates between two collections of its young objects, 8 MiB (DOTNET_GCgen0size, in hexadecimal digits). Without it the size follows the processor's
    /// cache, 32 MiB and more on servers, and an idle node fills that with garbage before any is collected.
    /// </summary>
    public static KeyValuePair<string, string> YoungObjects => new("DOTNET_GCgen0size", "800000");
}
