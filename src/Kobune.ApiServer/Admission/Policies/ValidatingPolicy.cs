using System.Text;
using Kobune.Api.AdmissionRegistration.V1;
using Kobune.Cel.Values;

namespace Kobune.ApiServer.Admission.Policies;

/// <summary>A ValidatingAdmissionPolicy, compiled. Immutable. Source: k8s.io/apiserver, admission/plugin/policy/validating, validator.go.</summary>
internal sealed class ValidatingPolicy : CompiledPolicy
{
    private const int MostMessage = 5 * 1024;
    private const int MostAuditValue = 10 * 1024;

    private readonly IReadOnlyList<(Validation Source, PolicyExpression Expression, PolicyExpression? Message)> _validations;
    private readonly IReadOnlyList<(string Key, PolicyExpression Expression)> _auditValues;

    public ValidatingPolicy(ValidatingAdmissionPolicy policy, int minor)
        : this(policy.Metadata.Name, policy.Spec, new(minor, policy.Spec.ParamKind is not null))
    {
    }

    private ValidatingPolicy(string name, ValidatingAdmissionPolicySpec spec, PolicyCompiler compiler)
        : base(name, spec.ParamKind, spec.FailurePolicy, spec.MatchConstraints, compiler, spec.Variables, spec.MatchConditions)
    {
        _validations = [.. spec.Validations.Select(v => (v, compiler.Condition(v.Expression), v.MessageExpression.Length == 0 ? null : compiler.Message(v.MessageExpression)))];
        _auditValues = [.. spec.AuditAnnotations.Select(a => (a.Key, compiler.AuditValue(a.ValueExpression)))];
    }

    /// <summary>All that stands against a request, and what was ignored of it; nothing when it is fine.</summary>
    /// <param name="request">What expressions see.</param>
    /// <param name="annotated">Takes the audit annotations, by the policy's keys.</param>
    /// <param name="time">Tells how long expressions take.</param>
    /// <param name="ct">Ends it.</param>
    public IReadOnlyList<PolicyDecision> Validate(ShownRequest request, Action<string, string> annotated, TimeProvider time, CancellationToken ct)
    {
        var (isMatch, problem) = Matches(request.Conditions, ct);
        if (problem is not null)
        {
            return Failure(problem);
        }

        if (!isMatch)
        {
            return [];
        }

        try
        {
            var input = request.Input;
            var run = new ExpressionRun(input, Variables, ExpressionRun.PolicyBudget, ct);
            (ExpressionOutcome Outcome, TimeSpan Elapsed)[] outcomes = [.. _validations.Select(v => Timed(time, run, v.Expression))];
            var (messages, exhausted) = Messages(new(input, Variables, run.Remaining, ct));
            var decisions = _validations.SelectMany((v, i) => Decide(v.Source, outcomes[i].Outcome, messages.ElementAtOrDefault(i), exhausted).Select(d => d with { Index = i, Elapsed = outcomes[i].Elapsed })).ToList();
            decisions.AddRange(Annotate(new(input, Variables, ExpressionRun.PolicyBudget, ct), annotated));
            return decisions;
        }
        catch (BudgetExceededException e)
        {
            return Failure(e.Message);
        }
    }

    private static (ExpressionOutcome Outcome, TimeSpan Elapsed) Timed(TimeProvider time, ExpressionRun run, PolicyExpression expression)
    {
        var start = time.GetTimestamp();
        return (run.Evaluate(expression), time.GetElapsedTime(start));
    }

    /// <summary>The texts of message expressions, null for none that can be used; and why no more could be made.</summary>
    private (IReadOnlyList<string?> Messages, string? Problem) Messages(ExpressionRun run)
    {
        var messages = new List<string?>();
        try
        {
            foreach (var (_, _, message) in _validations)
            {
                messages.Add(message is not null && run.Evaluate(message).Value is CelString text ? Usable(text.Value.Trim()) : null);
            }

            return (messages, null);
        }
        catch (BudgetExceededException e)
        {
            return (messages, e.Message);
        }
    }

    private static string? Usable(string message) =>
        message.Length == 0 || Encoding.UTF8.GetByteCount(message) > MostMessage || message.Contains('\n', StringComparison.Ordinal) ? null : message;

    private IReadOnlyList<PolicyDecision> Decide(Validation validation, ExpressionOutcome outcome, string? message, string? exhausted)
    {
        if (outcome.Error is { } error)
        {
            return Failure(error);
        }

        if (exhausted is not null)
        {
            return Failure($"failed messageExpression: {exhausted}");
        }

        if (outcome.Value is CelBool { Value: true })
        {
            return [];
        }

        var fixedMessage = validation.Message.Trim();
        return [new(message ?? (fixedMessage.Length > 0 ? fixedMessage : $"failed expression: {validation.Expression.Trim()}"), validation.Reason ?? "Invalid")];
    }

    /// <summary>Values of audit annotations; one that fails refuses the request. Null and empty ones are left out, long ones cut.</summary>
    private List<PolicyDecision> Annotate(ExpressionRun run, Action<string, string> annotated)
    {
        var problems = new List<PolicyDecision>();
        foreach (var (key, expression) in _auditValues)
        {
            var outcome = run.Evaluate(expression);
            if (outcome.Error is { } error)
            {
                if (!FailsOpen)
                {
                    problems.Add(new(error, "") { IsAlwaysDenied = true });
                }
            }
            else if (outcome.Value is CelString text && text.Value.Trim() is { Length: > 0 } value)
            {
                annotated(key, value.Length > MostAuditValue ? value[..MostAuditValue] : value);
            }
        }

        return problems;
    }

    private IReadOnlyList<PolicyDecision> Failure(string message) => [new(message, "") { IsIgnored = FailsOpen }];
}

/// <summary>Something that stands against a request, or would.</summary>
/// <param name="Message">For the client.</param>
/// <param name="Reason">Of the Status; empty where the expression itself failed.</param>
internal sealed record PolicyDecision(string Message, string Reason)
{
    /// <summary>Which validation it is.</summary>
    public int Index { get; init; }

    /// <summary>How long the validation took.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>An expression failed, and the failure policy lets the request pass.</summary>
    public bool IsIgnored { get; init; }

    /// <summary>Whatever the actions of the binding are.</summary>
    public bool IsAlwaysDenied { get; init; }
}
