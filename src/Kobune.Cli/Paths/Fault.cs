namespace Kobune.Cli.Paths;

/// <summary>What is wrong at a hop, and what would mend it.</summary>
/// <param name="Id">A steady name for scripts: "SelectorMatchesNothing".</param>
/// <param name="At">The hop at fault.</param>
/// <param name="Finding">What was found.</param>
/// <param name="Mend">What to do.</param>
internal sealed record Fault(string Id, HopKind At, Phrase Finding, Phrase Mend);
