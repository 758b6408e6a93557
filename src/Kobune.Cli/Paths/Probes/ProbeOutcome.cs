namespace Kobune.Cli.Paths.Probes;

/// <summary>What came back.</summary>
internal enum ProbeOutcome
{
    /// <summary>The other side took the connection, or answered.</summary>
    Connected,

    /// <summary>It was refused: somebody is there, but nothing listens.</summary>
    Refused,

    /// <summary>Nothing came back in time.</summary>
    TimedOut,

    /// <summary>There is no way to the address.</summary>
    Unreachable,

    /// <summary>UDP alone: nothing came back, which UDP does not promise either.</summary>
    Silent,

    /// <summary>The probe itself could not be made.</summary>
    Failed,
}
