namespace Kobune.Cel.Evaluation;

/// <summary>Leaves an evaluation that must not go on.</summary>
internal sealed class CelStop(CelOutcome outcome, string message) : Exception(message)
{
    public CelOutcome Outcome { get; } = outcome;
}
