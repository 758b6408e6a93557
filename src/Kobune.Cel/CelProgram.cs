using Kobune.Cel.Costs;
using Kobune.Cel.Evaluation;
using Kobune.Cel.Syntax;
using Kobune.Cel.Types;
using Kobune.Cel.Values;

namespace Kobune.Cel;

/// <summary>A compiled expression: immutable, and may be evaluated by many threads at once.</summary>
public sealed class CelProgram
{
    /// <summary>What one evaluation may cost in Kubernetes (k8s.io/apiserver/pkg/apis/cel: PerCallLimit), about a tenth of a second.</summary>
    public const ulong PerCallLimit = 1_000_000;

    private readonly CelExpr _tree;
    private readonly CelNode _node;
    private readonly int _slots;

    internal CelProgram(string text, CelExpr tree, CelNode node, int slots)
    {
        Text = text;
        _tree = tree;
        _node = node;
        _slots = slots;
    }

    /// <summary>The expression as it was written.</summary>
    public string Text { get; }

    /// <summary>Why upstream would not run it although it is well-typed, in Go's words: a constant that cannot be converted, a pattern that is none; null for nothing.</summary>
    public string? Problem { get; internal init; }

    /// <summary>The type of its value, dyn when that is known only when it runs.</summary>
    public CelType OutputType => _tree.Type;

    /// <summary>Evaluates with what Kubernetes lets a call cost.</summary>
    public CelResult Evaluate(ICelActivation activation, CancellationToken ct) => Evaluate(activation, PerCallLimit, ct);

    /// <summary>Evaluates. Errors, the limit and the token end it with a result, never with an exception.</summary>
    public CelResult Evaluate(ICelActivation activation, ulong costLimit, CancellationToken ct)
    {
        var frame = new CelFrame(activation, _slots, costLimit, ct);
        try
        {
            frame.CheckCancellation();
            var value = _node.Evaluate(frame);
            return new(value, frame.Cost, value.IsError ? CelOutcome.Failed : CelOutcome.Value);
        }
        catch (CelStop stop)
        {
            return new(new CelError(stop.Message), frame.Cost, stop.Outcome);
        }
    }

    /// <summary>What it costs at least and at most, when values are as large as is said (Kubernetes' estimate for rules of CRDs).</summary>
    public CelRange EstimateCost(ICelSizes sizes) => new CelCostEstimator(sizes).Estimate(_tree);

    /// <summary>Whether the expression uses a variable; match conditions and policies ask it of oldSelf, authorizer and others.</summary>
    public bool Uses(string variable) => CelTree.Descendants(_tree).Any(n => n is IdentExpr ident && ident.Name == variable);

    /// <summary>Whether the expression takes a field of a variable by its name: variable.field, variable.?field or has(variable.field).</summary>
    public bool Selects(string variable, string field) => CelTree.Descendants(_tree).Any(n => n switch
    {
        SelectExpr { Operand: IdentExpr ident } select => ident.Name == variable && select.Field == field,
        CallExpr { Function: CelOperators.OptionalSelect, Arguments: [IdentExpr ident, ConstantExpr { Value: CelString name }] } => ident.Name == variable && name.Value == field,
        _ => false,
    });
}
