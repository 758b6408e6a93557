namespace Kobune.Kubelet.Probes;

/// <summary>How one probe went.</summary>
internal enum ProbeOutcome
{
    Success,

    /// <summary>A redirect to another host: counts as a success, with an event.</summary>
    Warning,
    Failure,

    /// <summary>The probe itself could not be made.</summary>
    Unknown,
}

/// <summary>One probe.</summary>
internal sealed record ProbeResult(ProbeOutcome Outcome, string Output)
{
    internal bool IsSuccess => Outcome is ProbeOutcome.Success or ProbeOutcome.Warning;
}
