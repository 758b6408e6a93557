namespace Kobune.Cli.Paths.Probes;

/// <summary>What a probe does.</summary>
internal enum ProbeKind
{
    /// <summary>Opens a TCP connection and closes it.</summary>
    Tcp,

    /// <summary>Sends one empty UDP datagram and listens for an answer or a refusal.</summary>
    Udp,

    /// <summary>Sends one HTTP request and reads the status line.</summary>
    Http,

    /// <summary>Reads which ports the processes of a container's network listen on.</summary>
    Listeners,
}
