using Kobune.Cel.Libraries;
using Kobune.Cel.Syntax;
using Kobune.Cel.Types;
using Kobune.Cel.Values;

namespace Kobune.Cel.Evaluation;

/// <summary>Turns a checked tree into nodes. Constants are folded where cel-go's optimizer folds them, because costs can be seen.</summary>
internal sealed class CelPlanner(CelEnvironment environment)
{
    private static readonly HashSet<string> Conversions = ["bool", "bytes", "double", "duration", "dyn", "int", "string", "timestamp", "type", "uint"];
    private readonly List<(string Name, Func<AttributeNode> Node)> _locals = [];

    public int Slots { get; private set; }

    /// <summary>The first constant that cannot be converted, or is no pattern where one is needed: cel-go makes no program of that.</summary>
    public string? Problem { get; private set; }

    public CelNode Plan(CelExpr node) => node switch
    {
        ConstantExpr constant => new ConstantNode(constant.Value),
        IdentExpr ident => Ident(ident),
        SelectExpr { Qualified: { } qualified } => Ident(qualified),
        SelectExpr { IsTest: true } select => new HasNode(Attribute(select.Operand), new CelString(select.Field)),
        SelectExpr select => new SelectNode(Attribute(select.Operand), new CelString(select.Field), isOptional: false),
        CallExpr call => Call(call),
        ListExpr list => List(list),
        MapExpr map => Map(map),
        StructExpr made => new StructNode(environment, made.TypeName.TrimStart('.'), [.. made.Fields.Select(f => new FieldNode(f.Name, Plan(f.Value), f.IsOptional))]),
        _ => Comprehension((ComprehensionExpr)node),
    };

    private CelNode Ident(IdentExpr ident)
    {
        if (ident.Constant is { } constant)
        {
            return new ConstantNode(constant);
        }

        var local = _locals.FindLastIndex(l => l.Name == ident.Name);
        return local < 0 ? new VariableNode(ident.Name.TrimStart('.')) : _locals[local].Node();
    }

    private AttributeNode Attribute(CelExpr operand)
    {
        var node = Plan(operand);
        return node as AttributeNode ?? new RelativeNode(node);
    }

    private CelNode List(ListExpr list)
    {
        CelNode[] elements = [.. list.Elements.Select(Plan)];
        return list.Optional.Count == 0 && Array.TrueForAll(elements, e => e is ConstantNode)
            ? new ConstantNode(CelList.Of(Array.ConvertAll(elements, e => ((ConstantNode)e).Value)))
            : new ListNode(elements, list.Optional);
    }

    private CelNode Map(MapExpr map)
    {
        MapEntryNode[] entries = [.. map.Entries.Select(e => new MapEntryNode(Plan(e.Key), Plan(e.Value), e.IsOptional))];
        var node = new MapNode(entries);
        if (!Array.TrueForAll(entries, e => e is { IsOptional: false, Key: ConstantNode, Value: ConstantNode }))
        {
            return node;
        }

        var folded = node.Evaluate(new CelFrame(CelActivation.Empty, 0, ulong.MaxValue, CancellationToken.None));
        return folded.IsError ? node : new ConstantNode(folded);
    }

    private CelNode Call(CallExpr call)
    {
        var (name, arguments) = (call.Function, call.Arguments);
        switch (name)
        {
            case CelOperators.Conditional:
                return new ConditionalNode(Plan(arguments[0]), Plan(arguments[1]), Plan(arguments[2]));
            case CelOperators.And or CelOperators.Or:
                return new LogicNode(Plan(arguments[0]), Plan(arguments[1]), decisive: name == CelOperators.Or);
            case CelOperators.Index or CelOperators.OptionalIndex:
                return new IndexNode(Attribute(arguments[0]), Plan(arguments[1]), name == CelOperators.OptionalIndex);
            case CelOperators.OptionalSelect:
                return new SelectNode(Attribute(arguments[0]), (CelString)((ConstantExpr)arguments[1]).Value, isOptional: true);
            case CelOperators.NotStrictlyFalse:
                return new NotStrictlyFalseNode(Plan(arguments[0]));
            case CelOperators.In when Membership(call) is { } membership:
                return membership;
            case "or" or "orValue" when call.IsMember && call.Overloads is [{ Arguments: [{ IsOptional: true }, ..] }]:
                return new OptionalOrNode(Plan(call.Target!), Plan(arguments[0]), unwrap: name == "orValue");
        }

        var overload = call.Overloads.Count == 1 ? call.Overloads[0].Id : "";
        if (CelArithmetic.Operators.TryGetValue(name, out var body))
        {
            overload = name == CelOperators.Equal ? "equals" : name == CelOperators.NotEqual ? "not_equals" : overload;
            return new OperatorNode(name, overload, Plan(arguments[0]), arguments.Count > 1 ? Plan(arguments[1]) : null, body);
        }

        CelNode[] nodes = [.. call.IsMember ? arguments.Prepend(call.Target!).Select(Plan) : arguments.Select(Plan)];
        return Fold(call, overload, nodes);
    }

    private CelNode Fold(CallExpr call, string overload, CelNode[] nodes)
    {
        var function = call.Resolved!.Name;
        var node = new CallNode(function, call.Overloads, nodes);
        if (function is "matches" or "find" or "findAll" && nodes is [_, ConstantNode { Value: CelString pattern }, ..])
        {
            var regex = Re2Pattern.Compile(pattern.Value);
            Problem ??= regex is null ? Re2Pattern.Problem(pattern.Value) : null;
            return function == "matches" && regex is not null ? new MatchNode(overload, nodes[0], pattern, regex) : node;
        }

        if (call.IsMember || !Conversions.Contains(function) || nodes is not [ConstantNode])
        {
            return node;
        }

        var folded = node.Evaluate(new CelFrame(CelActivation.Empty, 0, ulong.MaxValue, CancellationToken.None));
        Problem ??= (folded as CelError)?.Message;
        return new ConstantNode(folded);
    }

    private CelNode? Membership(CallExpr call)
    {
        if (call.Overloads is not [{ Id: "in_list" }] || Plan(call.Arguments[1]) is not ConstantNode { Value: CelList list })
        {
            return null;
        }

        if (list.Count == 0)
        {
            return new ConstantNode(CelBool.False);
        }

        var members = new HashSet<CelValue>(CelKeyComparer.Instance);
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i] is not (CelBool or CelDouble or CelInt or CelUint or CelString))
            {
                return null;
            }

            members.Add(list[i]);
        }

        return new MembershipNode(Plan(call.Arguments[0]), members);
    }

    private CelNode Comprehension(ComprehensionExpr fold)
    {
        var range = Plan(fold.Range);
        var initial = Plan(fold.Initial);
        var state = Slots++;
        var scope = _locals.Count;
        if (fold.IsBinding)
        {
            _locals.Add((fold.Accumulator, () => new BindingSlotNode(state, initial)));
            var body = Plan(fold.Result);
            _locals.RemoveRange(scope, _locals.Count - scope);
            return new BindNode(body, state);
        }

        _locals.Add((fold.Accumulator, () => new SlotNode(state)));
        var first = Declare(fold.Variable);
        var second = fold.Variable2 is { } name ? Declare(name) : (int?)null;
        var (condition, step) = (Plan(fold.Condition), Plan(fold.Step));
        _locals.RemoveRange(scope + 1, _locals.Count - scope - 1);
        var result = Plan(fold.Result);
        _locals.RemoveRange(scope, _locals.Count - scope);
        return new FoldNode(range, initial, condition, step, result, state, first, second);
    }

    private int Declare(string name)
    {
        var slot = Slots++;
        _locals.Add((name, () => new SlotNode(slot)));
        return slot;
    }
}
