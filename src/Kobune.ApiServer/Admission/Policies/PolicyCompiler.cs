using Kobune.Cel;
using Kobune.Cel.Schemas;
using Kobune.Cel.Types;

namespace Kobune.ApiServer.Admission.Policies;

/// <summary>
/// Compiles the expressions of one policy, in which those that come later may use the variables that were added before. Source: k8s.io/apiserver,
/// admission/plugin/cel/composition.go and, for what mutations may make, cel/mutation.
/// </summary>
internal sealed class PolicyCompiler
{
    private readonly Dictionary<string, CelType> _fields = new(StringComparer.Ordinal);
    private CelEnvironment _withAuthorizer;
    private CelEnvironment _plain;

    public PolicyCompiler(int minor, bool hasParams, bool isMutating = false)
    {
        _withAuthorizer = AdmissionVariables.Environment(minor, hasParams, hasAuthorizer: true, isMutating);
        _plain = AdmissionVariables.Environment(minor, hasParams, hasAuthorizer: false, isMutating);
    }

    /// <summary>One that only checks, in one environment for all expressions.</summary>
    public PolicyCompiler(CelEnvironment environment) => _withAuthorizer = _plain = environment;

    /// <summary>Adds a variable; one that cannot be compiled may still be named.</summary>
    public NamedExpression AddVariable(string name, string text)
    {
        var expression = PolicyExpression.Compile(_withAuthorizer, text);
        _fields[name] = Declared(expression.Program?.OutputType ?? CelType.Dyn);
        var types = new VariableTypes(new Dictionary<string, CelType>(_fields));
        (_withAuthorizer, _plain) = (Extend(_withAuthorizer, types), Extend(_plain, types));
        return new(name, expression);
    }

    /// <summary>What is wrong with an expression, whatever its type is; null for nothing.</summary>
    public CelIssues? Check(string text) => _withAuthorizer.Compile(text).Issues;

    /// <summary>A condition or validation.</summary>
    public PolicyExpression Condition(string text) => PolicyExpression.Compile(_withAuthorizer, text, CelType.Bool);

    /// <summary>An expression of a message; it may not ask about rights.</summary>
    public PolicyExpression Message(string text) => PolicyExpression.Compile(_plain, text, CelType.String);

    /// <summary>The value of an audit annotation.</summary>
    public PolicyExpression AuditValue(string text) => PolicyExpression.Compile(_withAuthorizer, text, CelType.String, CelType.Null);

    /// <summary>An apply configuration.</summary>
    public PolicyExpression Configuration(string text) => PolicyExpression.Compile(_withAuthorizer, text, MutationTypes.ObjectType);

    /// <summary>The operations of a JSON patch.</summary>
    public PolicyExpression Patch(string text) => PolicyExpression.Compile(_withAuthorizer, text, MutationTypes.PatchType);

    private static CelEnvironment Extend(CelEnvironment environment, VariableTypes types) =>
        environment.WithTypes(types).WithVariable(AdmissionVariables.Variables, VariableValues.ObjectType);

    /// <summary>Objects and types of libraries are dyn, as upstream's.</summary>
    private static CelType Declared(CelType type) => type.Kind switch
    {
        CelKind.List => CelType.List(Declared(type.Parameters[0])),
        CelKind.Map => CelType.Map(Declared(type.Parameters[0]), Declared(type.Parameters[1])),
        CelKind.Bool or CelKind.Bytes or CelKind.Double or CelKind.Duration or CelKind.Int or CelKind.Null or CelKind.String or CelKind.Timestamp or CelKind.Uint => type,
        _ => CelType.Dyn,
    };
}
