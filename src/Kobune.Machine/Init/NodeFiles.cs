using System.Security.Cryptography;
using System.Text;
using Kobune.Machine.Images;

namespace Kobune.Machine.Init;

/// <summary>The texts of the files that a node needs. Pure, so that tests can look at them.</summary>
public static class NodeFiles
{
    /// <summary>The CNI configuration: bridge cni0 with host-local addresses, one of each of the node's ranges. NAT to the outside is the node's own rule, so ipMasq stays off.</summary>
    public static string CniConfiguration(MachineSpec spec) =>
        $$"""
        {
          "cniVersion": "0.4.0",
          "name": "kobune",
          "plugins": [
            {
              "type": "bridge",
              "bridge": "cni0",
              "isGateway": true,
              "isDefaultGateway": true,
              "forceAddress": false,
              "ipMasq": false,
              "hairpinMode": true,
              "ipam": {
                "type": "host-local",
                "ranges": [[{"subnet": "{{spec.PodCidr}}"}]{{(spec.IPv6 is { } second ? $$""", [{"subnet": "{{second.PodCidr}}"}]""" : "")}}],
                "dataDir": "/var/lib/cni/networks"
              }
            },
            {
              "type": "portmap",
              "capabilities": {"portMappings": true}
            }
          ]
        }

        """;

    /// <summary>containerd's configuration.</summary>
    /// <param name="snapshotter">"overlayfs", or "native" where the disk is itself an overlay.</param>
    /// <param name="restrictOomScore">Set where CAP_SYS_RESOURCE is missing: lowering oom_score_adj would fail every sandbox.</param>
    public static string ContainerdConfiguration(string snapshotter, bool restrictOomScore) =>
        $$"""
        version = 2
        root = "/var/lib/containerd"
        state = "/run/containerd"
        disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.internal.v1.opt", "io.containerd.tracing.processor.v1.otlp"]

        [grpc]
          address = "/run/containerd/containerd.sock"

        [plugins."io.containerd.grpc.v1.cri"]
          sandbox_image = "{{PauseImage.Name}}"
          stream_server_address = "127.0.0.1"
          stream_server_port = "0"
          restrict_oom_score_adj = {{(restrictOomScore ? "true" : "false")}}
          disable_apparmor = true
          disable_hugetlb_controller = true
          tolerate_missing_hugetlb_controller = true
          max_container_log_line_size = -1
          enable_unprivileged_ports = true
          enable_unprivileged_icmp = true

          [plugins."io.containerd.grpc.v1.cri".registry]
            config_path = "/etc/containerd/certs.d"

          [plugins."io.containerd.grpc.v1.cri".cni]
            bin_dir = "/usr/lib/cni"
            conf_dir = "/etc/cni/net.d"

          [plugins."io.containerd.grpc.v1.cri".containerd]
            snapshotter = "{{snapshotter}}"
            default_runtime_name = "runc"
            discard_unpacked_layers = false

            [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
              runtime_type = "io.containerd.runc.v2"

              [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
                SystemdCgroup = false

        """;

    /// <summary>/etc/hosts: the node, its host under both names that people know, and the other nodes.</summary>
    public static string Hosts(MachineSpec spec)
    {
        var text = new StringBuilder()
            .Append("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n")
            .Append(spec.Address).Append('\t').Append(spec.Name).Append('\n')
            .Append(spec.Gateway).Append("\thost.kobune.internal host.minikube.internal\n");
        var first = spec.Index == 0 || spec.Peers.Count == 0 ? spec.Address : spec.Peers[0].Address;
        text.Append(first).Append("\tcontrol-plane.kobune.internal control-plane.minikube.internal\n");
        foreach (var peer in spec.Peers)
        {
            text.Append(peer.Address).Append('\t').Append(peer.Name).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>/etc/machine-id: steady for a machine, and different from its host's.</summary>
    public static string MachineId(MachineSpec spec) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(spec.Folder)))[..32] + "\n";

    /// <summary>The nftables rules of the node: pods reach the outside with the node's address, each other with their own.</summary>
    public static string Masquerade(MachineSpec spec) =>
        Masquerade("ip", spec.PodCidr, spec.ClusterCidr) + (spec.IPv6 is { } second ? Masquerade("ip6", second.PodCidr, second.ClusterCidr) : "");

    /// <summary>Lines for `ip -batch`: the addresses, the ways out, and the ways to the other nodes' pods.</summary>
    public static string Links(MachineSpec spec)
    {
        var text = new StringBuilder()
            .Append("link set lo up\n")
            .Append($"address add {spec.Address}/{LengthOf(spec.Subnet)} broadcast + dev eth0\n")
            .Append("link set eth0 up\n")
            .Append($"route add default via {spec.Gateway}\n");
        foreach (var peer in spec.Peers)
        {
            text.Append($"route replace {peer.PodCidr} via {peer.Address}\n");
        }

        if (spec.IPv6 is { } second)
        {
            // nodad: nobody else has the address, and an address that is still tentative cannot be listened on.
            text.Append($"address add {second.Address}/{LengthOf(second.Subnet)} dev eth0 nodad\n").Append($"route add default via {second.Gateway} dev eth0\n");
            foreach (var peer in spec.Peers.Where(p => p.PodCidrV6 is not null))
            {
                text.Append($"route replace {peer.PodCidrV6} via {peer.AddressV6}\n");
            }
        }

        return text.ToString();
    }

    private static string LengthOf(string subnet) => subnet[(subnet.IndexOf('/') + 1)..];

    private static string Masquerade(string family, string podCidr, string clusterCidr) =>
        $$"""
        table {{family}} kobune-masquerade {
          chain postrouting {
            type nat hook postrouting priority srcnat; policy accept;
            {{family}} saddr {{podCidr}} {{family}} daddr != {{clusterCidr}} oifname "eth0" masquerade
          }
        }

        """;
}
