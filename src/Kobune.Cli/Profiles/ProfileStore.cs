using System.Text.Json;
using System.Text.RegularExpressions;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;
using Kobune.Machine.State;

namespace Kobune.Cli.Profiles;

/// <summary>The profiles in Kobune's home.</summary>
internal sealed partial class ProfileStore(MachineHome home)
{
    private static readonly string[] Reserved = ["start", "stop", "status", "delete", "config", "open", "profile", "addons", "cache", "logs"];

    /// <summary>Names of the folders below profiles/, sorted; one may be damaged.</summary>
    public IReadOnlyList<string> Names =>
        Directory.Exists(home.Profiles) ? [.. Directory.EnumerateDirectories(home.Profiles).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal)] : [];

    /// <summary>Refuses names that cannot be host names or that are words of the command line.</summary>
    public static void CheckName(string name)
    {
        if (Reserved.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            throw new CliException(new("MK_RESERVED_PROFILE", 11), Message.ReservedProfile, name) { Advice = (Message.ChooseOther, []) };
        }

        if (name.Length is < 2 or > 50 || !NamePattern().IsMatch(name))
        {
            throw new CliException(Reason.Usage, Message.BadProfileName, name) { Advice = (Message.ChooseOther, []) };
        }
    }

    /// <summary>The profile, or null when there is none of this name.</summary>
    public ProfileConfig? Find(string name)
    {
        var file = FileOf(name);
        if (!File.Exists(file))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(file), ProfileJson.Default.ProfileConfig);
        }
        catch (JsonException e)
        {
            throw new CliException(Reason.ConfigLoad, Message.ProfileBroken, name, e.Message) { Advice = (Message.DeleteAndStart, [name]) };
        }
        catch (UnauthorizedAccessException e)
        {
            throw new CliException(Reason.HomePermission, Message.ProfileBroken, name, e.Message) { Advice = (Message.RunAsRoot, ["status"]) };
        }
    }

    /// <summary>The profile, which must exist.</summary>
    public ProfileConfig Get(string name) =>
        Find(name) ?? throw new CliException(Reason.NotFound, Message.ProfileNotFound, name) { Advice = (Message.ToStart, [StartCommandFor(name)]) };

    /// <summary>Writes it, by a rename.</summary>
    public void Save(ProfileConfig profile)
    {
        try
        {
            Directory.CreateDirectory(home.Profile(profile.Name));
            var draft = FileOf(profile.Name) + ".new";
            File.WriteAllBytes(draft, JsonSerializer.SerializeToUtf8Bytes(profile, ProfileJson.Default.ProfileConfig));
            File.Move(draft, FileOf(profile.Name), overwrite: true);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new CliException(Reason.HomePermission, Message.HomeNotWritable, home.Root, e.Message);
        }
    }

    /// <summary>Removes the profile's folder, and the home's own folders when nothing is left in them.</summary>
    public void Remove(string name)
    {
        if (Directory.Exists(home.Profile(name)))
        {
            Directory.Delete(home.Profile(name), recursive: true);
        }

        foreach (var folder in new[] { home.Profiles, home.Machines, home.Root })
        {
            RemoveIfEmpty(folder);
        }
    }

    /// <summary>"kobune start", with the profile where it is not the default.</summary>
    public static string StartCommandFor(string name) => name == CommandContext.DefaultProfile ? "kobune start" : $"kobune start -p {name}";

    private static void RemoveIfEmpty(string folder)
    {
        try
        {
            if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any())
            {
                Directory.Delete(folder);
            }
        }
        catch (IOException)
        {
            // A mount point, or another command has just begun to fill it.
        }
    }

    private string FileOf(string name) => Path.Combine(home.Profile(name), "config.json");

    [GeneratedRegex(@"^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)*$")]
    private static partial Regex NamePattern();
}
