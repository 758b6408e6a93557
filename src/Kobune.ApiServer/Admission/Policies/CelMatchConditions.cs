using System.Collections.Concurrent;
using Kobune.Api.AdmissionRegistration.V1;
using Kobune.ApiServer.Admission.Webhooks;
using Kobune.ApiServer.Authorization;
using Kobune.Cel;
using Kobune.Cel.Types;

namespace Kobune.ApiServer.Admission.Policies;

/// <summary>Match conditions of webhooks in CEL, as release 1.<paramref name="minor"/> has it; <paramref name="authorizer"/> answers about rights. Keeps what it compiled.</summary>
public sealed class CelMatchConditions(IAuthorizer authorizer, int minor = 36) : IMatchConditions
{
    private const int MostKept = 1024;
    private readonly CelEnvironment _environment = AdmissionVariables.Environment(minor, hasParams: false, hasAuthorizer: true);
    private readonly ConcurrentDictionary<string, PolicyExpression> _compiled = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public IReadOnlyList<string> Problems(string expression) => Compile(expression).Problem is { } problem ? [problem] : [];

    /// <inheritdoc/>
    public ValueTask<MatchVerdict> EvaluateAsync(IReadOnlyList<MatchCondition> conditions, MatchSubject subject, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(subject);
        var input = new ExpressionInput(subject.Request, subject.Object, subject.OldObject, new RequestAuthorizer(authorizer, subject.User, ct));
        var run = new ExpressionRun(input, [], ExpressionRun.MatchConditionsBudget, ct);
        var (isMatch, error) = MatchConditions.Evaluate(conditions.Select(c => Compile(c.Expression)), run);
        return new(new MatchVerdict(isMatch, error));
    }

    private PolicyExpression Compile(string text)
    {
        if (_compiled.Count > MostKept)
        {
            _compiled.Clear(); // expressions that nobody wrote for good come from refused configurations
        }

        return _compiled.GetOrAdd(text, t => PolicyExpression.Compile(_environment, t, CelType.Bool));
    }
}
