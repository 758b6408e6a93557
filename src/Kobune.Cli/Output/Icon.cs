namespace Kobune.Cli.Output;

/// <summary>What a line begins with: an emoji on a terminal, an ASCII prefix in a pipe.</summary>
/// <param name="Emoji">With the two spaces, or the indent, that follow it.</param>
/// <param name="Plain">The prefix without icons.</param>
internal sealed record Icon(string Emoji, string Plain)
{
    public static readonly Icon Hello = new("😄  ", "* ");
    public static readonly Icon Driver = new("✨  ", "* ");
    public static readonly Icon NodeStart = new("👍  ", "* ");
    public static readonly Icon Create = new("🔥  ", "* ");
    public static readonly Icon Restart = new("🔄  ", "* ");
    public static readonly Icon Running = new("🏃  ", "* ");
    public static readonly Icon Containerd = new("📦  ", "* ");
    public static readonly Icon Network = new("🌐  ", "* ");
    public static readonly Icon Verify = new("🔎  ", "* ");
    public static readonly Icon Done = new("🏄  ", "* ");
    public static readonly Icon Stopping = new("✋  ", "* ");
    public static readonly Icon Stopped = new("🛑  ", "* ");
    public static readonly Icon Delete = new("🔥  ", "* ");
    public static readonly Icon Deleted = new("💀  ", "* ");
    public static readonly Icon Package = new("💾  ", "* ");
    public static readonly Icon Celebrate = new("🎉  ", "* ");
    public static readonly Icon NotFound = new("🤷  ", "* ");
    public static readonly Icon Command = new("👉  ", "* ");
    public static readonly Icon Addon = new("🌟  ", "* ");
    public static readonly Icon AddonOff = new("🌑  ", "* ");
    public static readonly Icon Paused = new("⏸️  ", "* ");
    public static readonly Icon Unpaused = new("⏯️  ", "* ");
    public static readonly Icon Health = new("🆕  ", "* ");
    public static readonly Icon New = new("🆕  ", "* ");
    public static readonly Icon Tip = new("💡  ", "* ");
    public static readonly Icon Folder = new("📁  ", "* ");
    public static readonly Icon Option = new("    ▪ ", "  - ");
    public static readonly Icon Warning = new("❗  ", "! ");
    public static readonly Icon Failure = new("❌  ", "X ");
}
