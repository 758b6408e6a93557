using Kobune.ApiServer.Admission.Webhooks;

namespace Kobune.ApiServer.Admission;

/// <summary>What of admission can be chosen: kube-apiserver's flags.</summary>
public sealed record AdmissionSettings
{
    /// <summary>Plugins that run beside the default ones (--enable-admission-plugins).</summary>
    public IReadOnlyList<string> Enabled { get; init; } = [];

    /// <summary>Default plugins that do not run (--disable-admission-plugins); named in both lists, a plugin does not run either.</summary>
    public IReadOnlyList<string> Disabled { get; init; } = [];

    /// <summary>A file of what single plugins are to be told (--admission-control-config-file); empty for none. It is read once.</summary>
    public string ConfigFile { get; init; } = "";

    /// <summary>How long pods stay on a node that is not ready (--default-not-ready-toleration-seconds).</summary>
    public long NotReadySeconds { get; init; } = 300;

    /// <summary>How long pods stay on a node that cannot be reached (--default-unreachable-toleration-seconds).</summary>
    public long UnreachableSeconds { get; init; } = 300;

    /// <summary>What compiles and evaluates the matchConditions of webhooks; null for the CEL of the server's release.</summary>
    public IMatchConditions? MatchConditions { get; init; }
}
