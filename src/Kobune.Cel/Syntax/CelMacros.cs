using Kobune.Cel.Values;

namespace Kobune.Cel.Syntax;

/// <summary>Calls that are rewritten before they are checked.</summary>
internal sealed class CelMacros(CelEnvironmentFeatures features)
{
    /// <summary>The name that folds keep their state under; no expression can write it.</summary>
    public const string Accumulator = "@result";

    /// <summary>What it was called before; macros refuse it still.</summary>
    private const string OldAccumulator = "__result__";

    /// <summary>The function that sortBy becomes.</summary>
    public const string SortByKeys = "@sortByAssociatedKeys";

    private const string SortInput = "@__sortBy_input__";
    private const string Unused = "#unused";
    private static readonly HashSet<int> NoneOptional = [];

    public bool HasOptionals => Has(CelEnvironmentFeatures.Optionals);

    /// <summary>What the call becomes, or null when it is no macro.</summary>
    public CelExpr? Expand(CallExpr call)
    {
        var (name, target, arguments) = (call.Function, call.Target, call.Arguments);
        if (target is null)
        {
            return name == "has" && arguments.Count == 1 ? Has(call, arguments[0]) : null;
        }

        var at = new Factory(call.Position);
        return (name, arguments.Count) switch
        {
            ("all", 2) => All(at, target, Variable(arguments[0]), null, arguments[1]),
            ("exists", 2) => Exists(at, target, Variable(arguments[0]), null, arguments[1]),
            ("exists_one", 2) => ExistsOne(at, target, Variable(arguments[0]), null, arguments[1]),
            ("map", 2) => Map(at, target, arguments[0], null, arguments[1]),
            ("map", 3) => Map(at, target, arguments[0], arguments[1], arguments[2]),
            ("filter", 2) => Filter(at, target, arguments[0], arguments[1]),
            ("optMap", 2) when HasOptionals => OptionalMap(at, target, arguments, flat: false),
            ("optFlatMap", 2) when HasOptionals => OptionalMap(at, target, arguments, flat: true),
            ("bind", 3) when Has(CelEnvironmentFeatures.Bindings) && target is IdentExpr { Name: "cel" } => at.Bind(Name(arguments[0], "cel.bind() variable names must be simple identifiers"), arguments[1], arguments[2]),
            ("sortBy", 2) when Has(CelEnvironmentFeatures.SortBy) => SortBy(at, target, arguments),
            (_, 3 or 4) when Has(CelEnvironmentFeatures.TwoVariableComprehensions) => TwoVariables(at, name, target, arguments),
            _ => null,
        };
    }

    private bool Has(CelEnvironmentFeatures feature) => (features & feature) != 0;

    private static SelectExpr Has(CallExpr call, CelExpr argument) => argument is SelectExpr { IsTest: false } select
        ? new SelectExpr(call.Position, select.Operand, select.Field, isTest: true)
        : throw new CelMacroException(argument.Position, "invalid argument to has() macro");

    private static string Variable(CelExpr argument) => Name(argument, "argument must be a simple name");

    private static string Name(CelExpr argument, string message) => argument switch
    {
        IdentExpr { Name: Accumulator or OldAccumulator } => throw new CelMacroException(argument.Position, "iteration variable overwrites accumulator variable"),
        IdentExpr ident when !ident.Name.StartsWith('.') => ident.Name,
        _ => throw new CelMacroException(argument.Position, message),
    };

    private static ComprehensionExpr All(Factory at, CelExpr range, string variable, string? second, CelExpr body) => at.Fold(
        range, variable, second, at.Constant(CelBool.True), at.Call(CelOperators.NotStrictlyFalse, at.State()), at.Call(CelOperators.And, at.State(), body), at.State());

    private static ComprehensionExpr Exists(Factory at, CelExpr range, string variable, string? second, CelExpr body) => at.Fold(
        range, variable, second, at.Constant(CelBool.False), at.Call(CelOperators.NotStrictlyFalse, at.Call(CelOperators.Not, at.State())), at.Call(CelOperators.Or, at.State(), body), at.State());

    private static ComprehensionExpr ExistsOne(Factory at, CelExpr range, string variable, string? second, CelExpr body) => at.Fold(
        range, variable, second, at.Constant(CelInt.Of(0)), at.Constant(CelBool.True), at.If(body, at.Call(CelOperators.Add, at.State(), at.Constant(CelInt.Of(1))), at.State()), at.Call(CelOperators.Equal, at.State(), at.Constant(CelInt.Of(1))));

    private static ComprehensionExpr Map(Factory at, CelExpr range, CelExpr variable, CelExpr? condition, CelExpr body) =>
        List(at, range, Name(variable, "argument is not an identifier"), null, condition, body);

    private static ComprehensionExpr Filter(Factory at, CelExpr range, CelExpr variable, CelExpr condition) =>
        List(at, range, Name(variable, "argument is not an identifier"), null, condition, variable);

    private static ComprehensionExpr List(Factory at, CelExpr range, string variable, string? second, CelExpr? condition, CelExpr body)
    {
        CelExpr step = at.Call(CelOperators.Add, at.State(), at.List(body));
        step = condition is null ? step : at.If(condition, step, at.State());
        return at.Fold(range, variable, second, at.List(), at.Constant(CelBool.True), step, at.State());
    }

    private static ComprehensionExpr? TwoVariables(Factory at, string name, CelExpr range, IReadOnlyList<CelExpr> arguments)
    {
        var isTransform = name is "transformList" or "transformMap" or "transformMapEntry";
        var isTest = name is "all" or "exists" or "exists_one" or "existsOne" && arguments.Count == 3;
        if (!isTransform && !isTest)
        {
            return null;
        }

        var (first, second) = (Variable(arguments[0]), Variable(arguments[1]));
        if (first == second)
        {
            throw new CelMacroException(arguments[1].Position, $"duplicate variable name: {second}");
        }

        var condition = arguments.Count == 4 ? arguments[2] : null;
        return name switch
        {
            "all" => All(at, range, first, second, arguments[2]),
            "exists" => Exists(at, range, first, second, arguments[2]),
            "exists_one" or "existsOne" => ExistsOne(at, range, first, second, arguments[2]),
            "transformList" => List(at, range, first, second, condition, arguments[^1]),
            "transformMap" => Insert(at, range, first, second, condition, [at.State(), at.Name(first), arguments[^1]]),
            _ => Insert(at, range, first, second, condition, [at.State(), arguments[^1]]),
        };
    }

    private static ComprehensionExpr Insert(Factory at, CelExpr range, string first, string second, CelExpr? condition, CelExpr[] arguments)
    {
        CelExpr step = at.Call(CelOperators.MapInsert, arguments);
        step = condition is null ? step : at.If(condition, step, at.State());
        return at.Fold(range, first, second, at.EmptyMap(), at.Constant(CelBool.True), step, at.State());
    }

    /// <summary>The list is sorted by what each element gives; it is evaluated once.</summary>
    private static ComprehensionExpr SortBy(Factory at, CelExpr target, IReadOnlyList<CelExpr> arguments)
    {
        if (target is not (ListExpr or SelectExpr or IdentExpr or ComprehensionExpr or CallExpr))
        {
            throw new CelMacroException(target.Position, "sortBy can only be applied to a list, identifier, comprehension, call or select expression");
        }

        var keys = Map(at, at.Name(SortInput), arguments[0], null, arguments[1]);
        return at.Bind(SortInput, target, new CallExpr(at.Position, SortByKeys, at.Name(SortInput), [keys]));
    }

    private static CallExpr OptionalMap(Factory at, CelExpr target, IReadOnlyList<CelExpr> arguments, bool flat)
    {
        var variable = Name(arguments[0], $"{(flat ? "optFlatMap" : "optMap")}() variable name must be a simple identifier");
        CelExpr body = at.Bind(variable, at.Member("value", target), arguments[1]);
        return at.If(at.Member("hasValue", target), flat ? body : at.Call("optional.of", body), at.Call("optional.none"));
    }

    /// <summary>Makes nodes at the place of the macro's call.</summary>
    private readonly record struct Factory(int Position)
    {
        public ConstantExpr Constant(CelValue value) => new(Position, value);

        public IdentExpr State() => new(Position, Accumulator);

        public IdentExpr Name(string name) => new(Position, name);

        public CallExpr Call(string function, params CelExpr[] arguments) => new(Position, function, null, arguments);

        public CallExpr Member(string function, CelExpr target) => new(Position, function, target, []);

        public CallExpr If(CelExpr condition, CelExpr yes, CelExpr no) => Call(CelOperators.Conditional, condition, yes, no);

        public ListExpr List(params CelExpr[] elements) => new(Position, elements, NoneOptional);

        public MapExpr EmptyMap() => new(Position, []);

        public ComprehensionExpr Bind(string variable, CelExpr value, CelExpr body) => new(Position)
        {
            Range = List(),
            Variable = Unused,
            Accumulator = variable,
            Initial = value,
            Condition = Constant(CelBool.False),
            Step = Name(variable),
            Result = body,
        };

        public ComprehensionExpr Fold(CelExpr range, string variable, string? second, CelExpr initial, CelExpr condition, CelExpr step, CelExpr result) => new(Position)
        {
            Range = range,
            Variable = variable,
            Variable2 = second,
            Accumulator = Accumulator,
            Initial = initial,
            Condition = condition,
            Step = step,
            Result = result,
        };
    }
}
