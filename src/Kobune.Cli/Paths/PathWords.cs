using Kobune.Cli.Paths.Probes;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Paths;

/// <summary>The names of hops and outcomes for people.</summary>
internal static class PathWords
{
    /// <summary>"Service".</summary>
    public static Phrase Of(HopKind kind) => new(kind switch
    {
        HopKind.Pc => Message.PathHopPc,
        HopKind.Resolver => Message.PathHopResolver,
        HopKind.Machine => Message.PathHopMachine,
        HopKind.IngressController => Message.PathHopController,
        HopKind.Ingress => Message.PathHopIngress,
        HopKind.Service => Message.PathHopService,
        HopKind.EndpointSlice => Message.PathHopSlice,
        HopKind.Pod => Message.PathHopPod,
        _ => Message.PathHopPort,
    });

    /// <summary>"connection refused".</summary>
    public static Phrase Of(ProbeOutcome outcome) => new(outcome switch
    {
        ProbeOutcome.Connected => Message.PathConnected,
        ProbeOutcome.Refused => Message.PathRefused,
        ProbeOutcome.TimedOut => Message.PathTimedOut,
        ProbeOutcome.Unreachable => Message.PathUnreachable,
        ProbeOutcome.Silent => Message.PathSilent,
        _ => Message.PathProbeFailed,
    });
}
