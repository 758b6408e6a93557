using Kobune.Cel;
using Kobune.Cel.Values;

namespace Kobune.ApiServer.Admission.Policies;

/// <summary>
/// Expressions evaluated one after the other, which share one budget. Source: k8s.io/apiserver, admission/plugin/cel/activation.go; budgets are those of
/// apis/cel/config.go.
/// </summary>
internal sealed class ExpressionRun(ExpressionInput input, IReadOnlyList<NamedExpression> variables, long budget, CancellationToken ct) : ICelActivation
{
    /// <summary>What all match conditions of a webhook or policy may cost together, about a quarter of a second.</summary>
    public const long MatchConditionsBudget = 2_500_000;

    /// <summary>What all expressions of a policy may cost together, about a second.</summary>
    public const long PolicyBudget = 10_000_000;

    private readonly VariableValues _variables = new(variables);
    private bool _isExhausted;

    /// <summary>What is left.</summary>
    public long Remaining => budget;

    /// <summary>Evaluates one; each takes from the budget what it and the variables that it asks for first cost.</summary>
    /// <exception cref="BudgetExceededException">Nothing is left; no further expression may be evaluated.</exception>
    public ExpressionOutcome Evaluate(PolicyExpression expression)
    {
        if (expression.Program is not { } program)
        {
            return new(null, $"compilation error: {expression.Problem}");
        }

        var result = program.Evaluate(this, ct);
        ct.ThrowIfCancellationRequested();
        Spend(result.Cost);
        if (_isExhausted)
        {
            throw new BudgetExceededException();
        }

        return result.Outcome == CelOutcome.Value ? new(result.Value, null) : new(null, $"expression '{expression.Text}' resulted in error: {result.Error}");
    }

    public CelValue? Find(string name)
    {
        if (name != AdmissionVariables.Variables)
        {
            return input.Find(name);
        }

        _variables.Evaluator ??= EvaluateVariable;
        return _variables;
    }

    private CelValue EvaluateVariable(NamedExpression variable)
    {
        if (variable.Expression.Program is not { } program)
        {
            return new CelError($"composited variable \"{variable.Name}\" fails to compile: {variable.Expression.Problem}");
        }

        var result = program.Evaluate(this, ct);
        Spend(result.Cost);
        return result.Outcome == CelOutcome.Value ? result.Value : new CelError($"composited variable \"{variable.Name}\" fails to evaluate: {result.Error}");
    }

    private void Spend(ulong cost)
    {
        _isExhausted |= cost > (ulong)Math.Max(0, budget);
        budget = _isExhausted ? -1 : budget - (long)cost;
    }
}

/// <summary>How one expression ended.</summary>
/// <param name="Value">Null when it failed.</param>
/// <param name="Error">Why it failed, in upstream's words.</param>
internal readonly record struct ExpressionOutcome(CelValue? Value, string? Error);

/// <summary>The expressions cost more than they may together.</summary>
internal sealed class BudgetExceededException() : Exception("validation failed due to running out of cost budget, no further validation rules will be run");
