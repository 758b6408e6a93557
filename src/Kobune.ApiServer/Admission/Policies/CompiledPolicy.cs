using Kobune.Api.AdmissionRegistration.V1;

namespace Kobune.ApiServer.Admission.Policies;

/// <summary>What both kinds of policies have, compiled. Immutable.</summary>
internal abstract class CompiledPolicy
{
    private readonly IReadOnlyList<PolicyExpression> _conditions;

    protected CompiledPolicy(string name, ParamKind? paramKind, string? failurePolicy, MatchResources? constraints, PolicyCompiler compiler, IReadOnlyList<Variable> variables, IReadOnlyList<MatchCondition> conditions)
    {
        Name = name;
        ParamKind = paramKind;
        FailsOpen = failurePolicy == "Ignore";
        Match = new(constraints);
        Variables = [.. variables.Select(v => compiler.AddVariable(v.Name, v.Expression))];
        _conditions = [.. conditions.Select(c => compiler.Condition(c.Expression))];
    }

    public string Name { get; }

    public ParamKind? ParamKind { get; }

    /// <summary>Failure policy Ignore.</summary>
    public bool FailsOpen { get; }

    public ResourceMatch Match { get; }

    protected IReadOnlyList<NamedExpression> Variables { get; }

    /// <summary>Whether the match conditions are all true; with an error they are not.</summary>
    public (bool IsMatch, string? Error) Matches(ExpressionInput input, CancellationToken ct) =>
        MatchConditions.Evaluate(_conditions, new(input, Variables, ExpressionRun.MatchConditionsBudget, ct));
}
