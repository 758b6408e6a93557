using System.Security.Cryptography;
using System.Text;

namespace Kobune.Machine.State;

/// <summary>Where Kobune keeps its state: KOBUNE_HOME, or .kobune in the home folder of the user (with sudo: of the user who called it).</summary>
/// <param name="Root">The folder itself.</param>
public sealed record MachineHome(string Root)
{
    /// <summary>Profiles, one folder each.</summary>
    public string Profiles => Path.Combine(Root, "profiles");

    /// <summary>Machines, one folder each: disk, logs, state.</summary>
    public string Machines => Path.Combine(Root, "machines");

    /// <summary>The folder of one profile.</summary>
    public string Profile(string name) => Path.Combine(Profiles, name);

    /// <summary>The folder of one machine.</summary>
    public string Machine(string name) => Path.Combine(Machines, name);

    /// <summary>The journal of a profile's changes to the host.</summary>
    public string Journal(string profile) => Path.Combine(Profile(profile), "journal.jsonl");

    /// <summary>
    /// Eight hexadecimal digits that name what a profile makes on the host (links, tables, cgroups): two homes may hold profiles of one name.
    /// </summary>
    public string IdOf(string profile) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(Root) + "\n" + profile)))[..8];
}
