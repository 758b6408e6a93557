using System.Diagnostics.CodeAnalysis;

namespace Kobune.Cel;

/// <summary>A program, or what is wrong with its text.</summary>
/// <param name="Program">The program, when nothing is wrong.</param>
/// <param name="Issues">What is wrong; otherwise null.</param>
public readonly record struct CelCompilation(CelProgram? Program, CelIssues? Issues)
{
    /// <summary>Whether there is a program.</summary>
    [MemberNotNullWhen(true, nameof(Program))]
    [MemberNotNullWhen(false, nameof(Issues))]
    public bool Succeeded => Program is not null;
}
