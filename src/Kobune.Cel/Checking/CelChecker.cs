using Kobune.Cel.Syntax;
using Kobune.Cel.Types;
using Kobune.Cel.Values;

namespace Kobune.Cel.Checking;

/// <summary>Gives every node its type and every call its overloads, or says in cel-go's words why that cannot be (checker/checker.go).</summary>
internal sealed class CelChecker(CelEnvironment environment, CelIssueSink issues)
{
    private readonly CelTypeMapping _mapping = new();
    private readonly List<(string Name, CelType Type)> _locals = [];
    private readonly List<CelExpr> _seen = [];
    private int _parameters;

    public void Run(CelExpr root)
    {
        Check(root);
        foreach (var node in _seen)
        {
            node.Type = _mapping.Substitute(node.Type, unboundToDyn: true);
        }
    }

    private CelType Check(CelExpr node)
    {
        node.Type = node switch
        {
            ConstantExpr constant => constant.Value.Type,
            IdentExpr ident => Ident(ident),
            SelectExpr select => Select(select),
            CallExpr call => Call(call),
            ListExpr list => List(list),
            MapExpr map => Map(map),
            StructExpr made => Struct(made),
            _ => Comprehension((ComprehensionExpr)node),
        };
        _seen.Add(node);
        return node.Type;
    }

    private CelType Ident(IdentExpr ident)
    {
        if (Lookup(ident) is { } type)
        {
            return type;
        }

        issues.Add(ident.Position, Undeclared(ident.Name));
        return CelType.Error;
    }

    private static string Undeclared(string name) => $"undeclared reference to '{name}' (in container '')";

    private CelType? Lookup(IdentExpr ident)
    {
        var index = _locals.FindLastIndex(l => l.Name == ident.Name);
        if (index >= 0)
        {
            return _locals[index].Type;
        }

        var name = ident.Name.TrimStart('.');
        if (environment.FindVariable(name) is { } variable)
        {
            return variable;
        }

        if (environment.FindTypeName(name) is not { } type)
        {
            return null;
        }

        ident.Constant = new CelTypeValue(type);
        return CelType.TypeOf(type);
    }

    private CelType Select(SelectExpr select)
    {
        if (!select.IsTest && QualifiedName(select) is { } path && !IsLocal(path))
        {
            var ident = new IdentExpr(select.Position, path);
            if (Lookup(ident) is { } type)
            {
                select.Qualified = ident;
                ident.Type = type;
                return type;
            }
        }

        Check(select.Operand);
        var field = Field(select.Position, select.Operand.Type, select.Field, isOptional: false);
        return select.IsTest ? CelType.Bool : field;
    }

    private bool IsLocal(string path) => _locals.Exists(l => path.StartsWith(l.Name + ".", StringComparison.Ordinal));

    private static string? QualifiedName(CelExpr node) => node switch
    {
        IdentExpr ident => ident.Name,
        SelectExpr { IsTest: false } select when QualifiedName(select.Operand) is { } operand => $"{operand}.{select.Field}",
        _ => null,
    };

    private CelType Field(int position, CelType operandType, string field, bool isOptional)
    {
        var operand = _mapping.Substitute(operandType, unboundToDyn: false);
        var target = operand.IsOptional ? operand.Parameters[0] : operand;
        var result = CelType.Dyn;
        switch (target.Kind)
        {
            case CelKind.Map:
                result = target.Parameters[1];
                break;
            case CelKind.Struct:
                result = environment.FindField(target.Name, field) ?? CelType.Error;
                if (result.Kind == CelKind.Error)
                {
                    issues.Add(position, $"undefined field '{field}'");
                }

                break;
            case CelKind.Parameter:
                _mapping.IsAssignable(CelType.Dyn, target);
                break;
            case CelKind.Dyn or CelKind.Error:
                break;
            default:
                issues.Add(position, $"type '{target}' does not support field selection");
                break;
        }

        result = operand.IsOptional || isOptional ? CelType.Optional(result) : result;
        return _mapping.Substitute(result, unboundToDyn: false);
    }

    private CelType Call(CallExpr call)
    {
        if (call.Function == CelOperators.OptionalSelect)
        {
            Check(call.Arguments[0]);
            call.Resolved = environment.FindFunction(call.Function);
            call.Overloads = call.Resolved!.Overloads;
            Check(call.Arguments[1]);
            return Field(call.Position, call.Arguments[0].Type, ((CelString)((ConstantExpr)call.Arguments[1]).Value).Value, isOptional: true);
        }

        foreach (var argument in call.Arguments)
        {
            Check(argument);
        }

        if (call.Target is null)
        {
            return Resolve(call, call.Function, null);
        }

        if (QualifiedName(call.Target) is { } path && environment.FindFunction($"{path.TrimStart('.')}.{call.Function}") is { } qualified)
        {
            return Resolve(call, qualified.Name, null);
        }

        Check(call.Target);
        return Resolve(call, call.Function, call.Target);
    }

    private CelType Resolve(CallExpr call, string name, CelExpr? target)
    {
        if (environment.FindFunction(name.TrimStart('.')) is not { } function)
        {
            issues.Add(call.Position, Undeclared(name));
            return CelType.Error;
        }

        call.Resolved = function;
        call.IsMember = target is not null;
        if (name is CelOperators.And or CelOperators.Or)
        {
            return Logical(call);
        }

        CelType[] arguments = [.. target is null ? call.Arguments.Select(a => a.Type) : call.Arguments.Select(a => a.Type).Prepend(target.Type)];
        CelType? result = null;
        var matching = new List<CelOverload>();
        foreach (var overload in function.Overloads.Where(o => o.IsMember == call.IsMember))
        {
            var (parameters, type) = Instantiate(overload);
            if (!_mapping.IsAssignable(arguments, parameters))
            {
                continue;
            }

            matching.Add(overload);
            type = _mapping.Substitute(type, unboundToDyn: false);
            result = result is null || result.Equals(type) ? type : CelType.Dyn;
        }

        call.Overloads = matching;
        return result ?? NoOverload(call, name, arguments);
    }

    private CelType NoOverload(CallExpr call, string name, CelType[] arguments)
    {
        var types = Array.ConvertAll(arguments, a => _mapping.Substitute(a, unboundToDyn: true));
        var signature = call.IsMember ? $"{types[0]}.({string.Join(", ", (object[])types[1..])})" : $"({string.Join(", ", (object[])types)})";
        issues.Add(call.Position, $"found no matching overload for '{name}' applied to '{signature}'");
        return CelType.Error;
    }

    private CelType Logical(CallExpr call)
    {
        call.Overloads = call.Resolved!.Overloads;
        var result = CelType.Bool;
        foreach (var argument in call.Arguments)
        {
            if (!_mapping.IsAssignable(argument.Type, CelType.Bool))
            {
                Mismatch(argument, CelType.Bool, argument.Type);
                result = CelType.Error;
            }
        }

        return result;
    }

    private (CelType[] Parameters, CelType Result) Instantiate(CelOverload overload)
    {
        var fresh = new CelTypeMapping();
        var names = new HashSet<string>();
        foreach (var type in overload.Arguments.Append(overload.Result))
        {
            Names(type, names);
        }

        foreach (var name in names)
        {
            fresh.Bind(CelType.Parameter(name), Fresh());
        }

        return ([.. overload.Arguments.Select(a => fresh.Substitute(a, unboundToDyn: false))], fresh.Substitute(overload.Result, unboundToDyn: false));
    }

    private static void Names(CelType type, HashSet<string> names)
    {
        if (type.Kind == CelKind.Parameter)
        {
            names.Add(type.Name);
        }

        foreach (var inner in type.Parameters)
        {
            Names(inner, names);
        }
    }

    private CelType Fresh() => CelType.Parameter($"_var{_parameters++}");

    private CelType List(ListExpr list)
    {
        CelType? element = null;
        for (var i = 0; i < list.Elements.Count; i++)
        {
            Check(list.Elements[i]);
            element = Join(element, list.Optional.Contains(i) ? Unwrap(list.Elements[i]) : list.Elements[i].Type);
        }

        return CelType.List(element ?? Fresh());
    }

    private CelType Map(MapExpr map)
    {
        CelType? key = null, value = null;
        foreach (var entry in map.Entries)
        {
            key = Join(key, Check(entry.Key));
            Check(entry.Value);
            value = Join(value, entry.IsOptional ? Unwrap(entry.Value) : entry.Value.Type);
        }

        return CelType.Map(key ?? Fresh(), value ?? Fresh());
    }

    private CelType Unwrap(CelExpr node)
    {
        var type = _mapping.Substitute(node.Type, unboundToDyn: false);
        if (type.IsOptional)
        {
            return type.Parameters[0];
        }

        if (type.Kind != CelKind.Dyn)
        {
            Mismatch(node, CelType.Optional(type), type);
        }

        return type;
    }

    /// <summary>Elements of different types make a literal of dyn here; <see cref="CelAggregateValidator"/> refuses what may not be mixed.</summary>
    private CelType Join(CelType? previous, CelType current) =>
        previous is null ? current : _mapping.IsAssignable(previous, current) ? CelTypeMapping.MostGeneral(previous, current) : CelType.Dyn;

    private CelType Struct(StructExpr made)
    {
        var result = CelType.Error;
        var name = made.TypeName.TrimStart('.');
        if (environment.FindTypeName(name) is not { } type)
        {
            issues.Add(made.Position, environment.FindVariable(name) is null ? Undeclared(made.TypeName) : $"'{environment.FindVariable(name)!.Name}' is not a type");
            return result;
        }

        if (type.Kind != CelKind.Struct)
        {
            issues.Add(made.Position, $"'{type.Name}' is not a message type");
        }
        else
        {
            result = type;
        }

        foreach (var field in made.Fields)
        {
            Check(field.Value);
            var declared = CelType.Error;
            if (result.Kind == CelKind.Struct)
            {
                declared = environment.FindField(type.Name, field.Name) ?? CelType.Error;
                if (declared.Kind == CelKind.Error)
                {
                    issues.Add(field.Position, $"undefined field '{field.Name}'");
                }
            }

            var value = field.IsOptional ? Unwrap(field.Value) : field.Value.Type;
            if (!_mapping.IsAssignable(declared, value))
            {
                issues.Add(field.Position, $"expected type of field '{field.Name}' is '{declared}' but provided type is '{_mapping.Substitute(value, unboundToDyn: false)}'");
            }
        }

        return result;
    }

    private CelType Comprehension(ComprehensionExpr fold)
    {
        Check(fold.Range);
        Check(fold.Initial);
        var range = _mapping.Substitute(fold.Range.Type, unboundToDyn: false);
        var (first, second) = Variables(fold, range);
        _locals.Add((fold.Accumulator, fold.Initial.Type));
        var scope = _locals.Count;
        _locals.Add((fold.Variable, fold.Variable2 is null && range.Kind == CelKind.List ? second : first));
        if (fold.Variable2 is { } value)
        {
            _locals.Add((value, second));
        }

        Check(fold.Condition);
        Assert(fold.Condition, CelType.Bool);
        Check(fold.Step);
        Assert(fold.Step, fold.Initial.Type);
        _locals.RemoveRange(scope, _locals.Count - scope);
        Check(fold.Result);
        _locals.RemoveAt(scope - 1);
        return _mapping.Substitute(fold.Result.Type, unboundToDyn: false);
    }

    /// <summary>The types of index or key, and of element or value.</summary>
    private (CelType First, CelType Second) Variables(ComprehensionExpr fold, CelType range)
    {
        switch (range.Kind)
        {
            case CelKind.List:
                return (CelType.Int, range.Parameters[0]);
            case CelKind.Map:
                return (range.Parameters[0], range.Parameters[1]);
            case CelKind.Dyn or CelKind.Error or CelKind.Parameter:
                _mapping.IsAssignable(CelType.Dyn, range);
                return (CelType.Dyn, CelType.Dyn);
            default:
                issues.Add(fold.Range.Position, $"expression of type '{range}' cannot be range of a comprehension (must be list, map, or dynamic)");
                return (CelType.Error, CelType.Error);
        }
    }

    private void Assert(CelExpr node, CelType expected)
    {
        if (!_mapping.IsAssignable(expected, node.Type))
        {
            Mismatch(node, expected, node.Type);
        }
    }

    private void Mismatch(CelExpr node, CelType expected, CelType actual) =>
        issues.Add(node.Position, $"expected type '{_mapping.Substitute(expected, unboundToDyn: false)}' but found '{_mapping.Substitute(actual, unboundToDyn: false)}'");
}
