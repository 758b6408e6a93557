namespace Kobune.Cli.Privileges;

/// <summary>A command that runs as a normal user has checked what was asked and now needs root; nothing was said or changed yet.</summary>
internal sealed class RootNeededException() : Exception("root is needed");
