namespace Kobune.Proxy;

/// <summary>How Services become real on a node.</summary>
public enum ProxyMode
{
    /// <summary>Rules in the kernel (the default).</summary>
    Nftables,

    /// <summary>Relays in the node process, where the kernel has no nftables.</summary>
    Userspace,
}

/// <summary>Reads upstream's --proxy-mode.</summary>
public static class ProxyModes
{
    /// <summary>The mode of a name: nftables, and iptables and ipvs, which mean it here; userspace; null for any other word.</summary>
    public static ProxyMode? Parse(string? name) => name switch
    {
        null or "" or "nftables" or "iptables" or "ipvs" => ProxyMode.Nftables,
        "userspace" => ProxyMode.Userspace,
        _ => null,
    };
}
