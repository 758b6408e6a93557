namespace Kobune.Machine.Host;

/// <summary>The names of what one profile makes on the host. Link names are at most 15 characters long.</summary>
/// <param name="Id">Eight hexadecimal digits, <see cref="State.MachineHome.IdOf"/>.</param>
public sealed record HostNames(string Id)
{
    /// <summary>How every bridge of Kobune begins.</summary>
    public const string BridgePrefix = "kbr-";

    /// <summary>The bridge.</summary>
    public string Bridge => BridgePrefix + Id;

    /// <summary>The table with the masquerade rule, without its family.</summary>
    public string Table => "kobune_" + Id;

    /// <summary>The host's end of a machine's link.</summary>
    public string Link(int index) => $"kv{Id}-{index + 1}";

    /// <summary>The last part of a machine's cgroup path.</summary>
    public string Cgroup(int index) => $"{Id}-{index + 1}";
}
