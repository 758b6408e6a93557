namespace Kobune.Cli.Paths;

/// <summary>How a hop stands.</summary>
internal enum HopState
{
    /// <summary>It does its part.</summary>
    Sound,

    /// <summary>It is at fault.</summary>
    Broken,

    /// <summary>It lies behind the broken one: nothing can be said, or nothing arrives.</summary>
    NotReached,
}
