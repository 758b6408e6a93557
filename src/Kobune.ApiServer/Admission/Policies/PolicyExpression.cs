using Kobune.Cel;
using Kobune.Cel.Types;

namespace Kobune.ApiServer.Admission.Policies;

/// <summary>A compiled expression of admission. Source: k8s.io/apiserver, admission/plugin/cel/compile.go.</summary>
/// <param name="Text">As it was written.</param>
/// <param name="Program">Null when it cannot be used.</param>
/// <param name="Problem">Why it cannot be used, in upstream's words; otherwise null.</param>
internal sealed record PolicyExpression(string Text, CelProgram? Program, string? Problem)
{
    /// <summary>Compiles; <paramref name="results"/> are the types that its value may have, none for any.</summary>
    public static PolicyExpression Compile(CelEnvironment environment, string text, params CelType[] results)
    {
        var compiled = environment.Compile(text);
        if (!compiled.Succeeded)
        {
            return new(text, null, $"compilation failed: {compiled.Issues}");
        }

        var type = compiled.Program.OutputType;
        if (results.Length == 0 || results.Contains(type))
        {
            return compiled.Program.Problem is { } problem ? new(text, null, $"program instantiation failed: {problem}") : new(text, compiled.Program, null);
        }

        return new(text, null, results.Length == 1
            ? $"must evaluate to {Name(results[0])} but got {Name(type)}"
            : $"must evaluate to one of [{string.Join(' ', results.Select(Name))}] but got {Name(type)}");
    }

    /// <summary>Types by the names that they have when an expression runs, not by those of the checker.</summary>
    private static string Name(CelType type) => type.Parameters.Count == 0 ? type.Name : $"{type.Name}({string.Join(", ", type.Parameters.Select(Name))})";
}
