using Kobune.Cel.Types;
using Kobune.Cel.Values;

namespace Kobune.ApiServer.Admission.Policies;

/// <summary>A variable of a policy.</summary>
internal sealed record NamedExpression(string Name, PolicyExpression Expression);

/// <summary>The variable named variables: each field is evaluated when it is asked for first. Source: k8s.io/apiserver, admission/plugin/cel/composition.go.</summary>
internal sealed class VariableValues(IReadOnlyList<NamedExpression> variables) : CelObject
{
    public static readonly CelType ObjectType = CelType.Struct("kubernetes.variables");
    private readonly Dictionary<string, CelValue> _values = [];

    /// <summary>Evaluates one.</summary>
    public Func<NamedExpression, CelValue>? Evaluator { get; set; }

    public override CelType Type => ObjectType;

    public override CelValue? Field(string name)
    {
        if (!_values.TryGetValue(name, out var value) && variables.LastOrDefault(v => v.Name == name) is { } variable)
        {
            _values[name] = value = Evaluator!(variable);
        }

        return value;
    }

    public override bool EqualTo(CelValue other) => ReferenceEquals(this, other);
}

/// <summary>The types of variables that stand before an expression.</summary>
internal sealed class VariableTypes(IReadOnlyDictionary<string, CelType> fields) : ICelTypeProvider
{
    public CelType? FindType(string name) => name == VariableValues.ObjectType.Name ? VariableValues.ObjectType : null;

    public CelType? FindField(string typeName, string field) => fields.GetValueOrDefault(field);

    public CelValue? Create(string typeName, IReadOnlyDictionary<string, CelValue> fields) => null;
}
