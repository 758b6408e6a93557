namespace Kobune.Machine.Host;

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">0 is success.</param>
/// <param name="Output">Standard output, whole.</param>
/// <param name="Error">Standard error, whole.</param>
public sealed record ProgramResult(int ExitCode, string Output, string Error);
