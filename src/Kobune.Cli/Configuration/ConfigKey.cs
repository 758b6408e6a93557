using Kobune.Cli.Clusters;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Configuration;

/// <summary>What a value of `kobune config` is.</summary>
internal enum ConfigKind
{
    Text,
    Number,
    Truth,
}

/// <summary>A key of `kobune config set`.</summary>
/// <param name="Name">"driver", with minikube's spelling.</param>
/// <param name="Kind">What its value is.</param>
/// <param name="Option">The option of `start` whose default it is; null when it is none.</param>
/// <param name="NeedsNewCluster">Whether an existing cluster keeps what it has.</param>
internal sealed record ConfigKey(string Name, ConfigKind Kind, string? Option = null, bool NeedsNewCluster = false)
{
    /// <summary>All keys, in the order of minikube's help.</summary>
    public static IReadOnlyList<ConfigKey> All { get; } =
    [
        new("driver", ConfigKind.Text, "--driver", true),
        new("vm-driver", ConfigKind.Text, "--driver", true),
        new("container-runtime", ConfigKind.Text, "--container-runtime", true),
        new("feature-gates", ConfigKind.Text, "--feature-gates"),
        new("v", ConfigKind.Number),
        new("cpus", ConfigKind.Text, "--cpus", true),
        new("disk-size", ConfigKind.Text, "--disk-size", true),
        new("host-only-cidr", ConfigKind.Text),
        new("memory", ConfigKind.Text, "--memory", true),
        new("log_dir", ConfigKind.Text),
        new("kubernetes-version", ConfigKind.Text, "--kubernetes-version"),
        new("iso-url", ConfigKind.Text),
        new("WantUpdateNotification", ConfigKind.Truth),
        new("WantBetaUpdateNotification", ConfigKind.Truth),
        new("ReminderWaitPeriodInHours", ConfigKind.Number),
        new("WantNoneDriverWarning", ConfigKind.Truth),
        new("WantVirtualBoxDriverWarning", ConfigKind.Truth),
        new("profile", ConfigKind.Text),
        new("bootstrapper", ConfigKind.Text),
        new("insecure-registry", ConfigKind.Text, "--insecure-registry"),
        new("hyperv-virtual-switch", ConfigKind.Text),
        new("disable-driver-mounts", ConfigKind.Truth),
        new("cache", ConfigKind.Text),
        new("EmbedCerts", ConfigKind.Truth, "--embed-certs"),
        new("native-ssh", ConfigKind.Truth),
        new("rootless", ConfigKind.Truth),
        new("MaxAuditEntries", ConfigKind.Number),
        new("dns-servers", ConfigKind.Text),
        new("mdns", ConfigKind.Truth),
        new("subnet", ConfigKind.Text, "--subnet", true),
        new("nodes", ConfigKind.Number, "--nodes", true),
        new("keep-context", ConfigKind.Truth, "--keep-context"),
    ];

    /// <summary>The key of a name; null when there is none.</summary>
    public static ConfigKey? Find(string name) => All.FirstOrDefault(k => k.Name == name);

    /// <summary>Refuses a value that `start` would refuse.</summary>
    public void Check(string value, CommandContext context)
    {
        var isValid = Kind switch
        {
            ConfigKind.Number => int.TryParse(value, out var number) && number >= 0,
            ConfigKind.Truth => bool.TryParse(value, out _),
            _ => value.Length > 0,
        };
        if (!isValid)
        {
            throw new CliException(Reason.ConfigSet, Message.BadValue, $"\"{value}\"", Name);
        }

        try
        {
            CheckAsStart(value, context);
        }
        catch (CliException e)
        {
            throw new CliException(Reason.ConfigSet, e.Text, [.. e.Arguments]) { Advice = e.Advice };
        }
    }

    private void CheckAsStart(string value, CommandContext context)
    {
        switch (Option)
        {
            case "--driver":
                StartCheck.CheckDriver(context, value);
                break;
            case "--cpus":
                _ = Resources.Cpus(value, Environment.ProcessorCount, force: false);
                break;
            case "--memory":
                _ = Resources.Memory(value, Resources.AvailableMegabytes(), force: false);
                break;
            case "--kubernetes-version":
                _ = KubernetesReleases.Resolve(value);
                break;
            default:
                break;
        }
    }
}
