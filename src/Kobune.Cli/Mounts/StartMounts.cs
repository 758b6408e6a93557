using System.CommandLine;
using Kobune.Cli.Commands;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;
using Kobune.Machine.Mounts;

namespace Kobune.Cli.Mounts;

/// <summary>The mounts of `start`: the user's, kept in the profile, and the driver's.</summary>
internal sealed class StartMounts
{
    private const string HostHome = "/home";
    private readonly CommandContext _context;
    private readonly Option<bool> _mount;
    private readonly Option<string[]> _strings;
    private readonly Option<string?> _user;
    private readonly Option<string?> _group;
    private readonly Option<string[]> _options;
    private readonly Option<bool> _disable;

    private StartMounts(CommandContext context)
    {
        _context = context;
        _mount = Options.Of<bool>(context, Message.StartMountOption, "--mount");
        _strings = Options.Of<string[]>(context, Message.StartMountStringOption, "--mount-string");
        _user = Options.Of<string?>(context, Message.MountUserOption, "--mount-uid");
        _group = Options.Of<string?>(context, Message.MountGroupOption, "--mount-gid");
        _options = Options.Of<string[]>(context, Message.MountOptionsOption, "--mount-options");
        _disable = Options.Of<bool>(context, Message.DisableDriverMountsOption, "--disable-driver-mounts");
    }

    /// <summary>Adds the options to the command.</summary>
    public static StartMounts AddTo(CommandContext context, Command command)
    {
        var mounts = new StartMounts(context);
        foreach (var option in new Option[] { mounts._mount, mounts._strings, mounts._user, mounts._group, mounts._options, mounts._disable })
        {
            command.Options.Add(option);
        }

        MountTransport.AddIgnored(context, command, "mount-");
        return mounts;
    }

    /// <summary>What was asked for; null when nothing was said, and then the profile's stay.</summary>
    public MountSettings? Read(ParseResult parsed)
    {
        string[] strings = parsed.GetValue(_strings) ?? [];
        if (strings.Length == 0 && parsed.GetValue(_mount))
        {
            strings = [HomeFolder.UserFolder(_context.Variable) + ":/minikube-host"];
        }

        return strings.Length == 0 && !parsed.GetValue(_disable)
            ? null
            : new(
                strings.Length == 0 ? null : [.. strings.Select(s => MountText.Parse(s, parsed.GetValue(_user), parsed.GetValue(_group), null, parsed.GetValue(_options) ?? []))],
                parsed.GetValue(_disable));
    }

    /// <summary>All folders that a new machine of a profile shows.</summary>
    public static IReadOnlyList<HostMount> Of(ProfileConfig profile) =>
        profile.DisableDriverMounts || !Directory.Exists(HostHome) ? profile.Mounts : [new() { Source = HostHome, Target = "/hosthome" }, .. profile.Mounts];

    /// <summary>Shows the profile's folders in machines that run since before they were asked for.</summary>
    public static async Task EnsureAsync(CommandContext context, ProfileConfig profile, CancellationToken ct)
    {
        var live = new LiveMounts(context.Driver);
        foreach (var mount in profile.Mounts)
        {
            foreach (var node in profile.Nodes)
            {
                if (!await live.IsMountedAsync(node.Name, mount.Target, ct))
                {
                    await live.AttachAsync(node.Name, mount, ct);
                }
            }
        }
    }
}
