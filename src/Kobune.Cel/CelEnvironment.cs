using System.Collections.Frozen;
using Kobune.Cel.Checking;
using Kobune.Cel.Evaluation;
using Kobune.Cel.Libraries;
using Kobune.Cel.Syntax;
using Kobune.Cel.Types;
using Kobune.Cel.Values;

namespace Kobune.Cel;

/// <summary>
/// What expressions may name: variables, types, functions. Immutable; each With method gives a new environment that shares what is not changed.
/// <see cref="CelKubernetes.Environment(int, bool)"/> has what a release of Kubernetes offers.
/// </summary>
public sealed class CelEnvironment
{
    private readonly FrozenDictionary<string, CelFunction> _functions;
    private readonly FrozenDictionary<string, CelType> _types;
    private readonly Dictionary<string, CelType> _variables;
    private readonly ICelTypeProvider[] _providers;

    private CelEnvironment(CelEnvironmentFeatures features, FrozenDictionary<string, CelFunction> functions, FrozenDictionary<string, CelType> types, Dictionary<string, CelType> variables, ICelTypeProvider[] providers)
    {
        Features = features;
        _functions = functions;
        _types = types;
        _variables = variables;
        _providers = providers;
    }

    /// <summary>Parts of the language that can be off.</summary>
    public CelEnvironmentFeatures Features { get; }

    /// <summary>The language and libraries.</summary>
    public static CelEnvironment Create(CelEnvironmentFeatures features, params IEnumerable<CelLibrary> libraries)
    {
        var all = new List<CelLibrary> { StandardLibrary.Library };
        if (features.HasFlag(CelEnvironmentFeatures.Optionals))
        {
            all.Add(OptionalLibrary.Library);
        }

        if (features.HasFlag(CelEnvironmentFeatures.TwoVariableComprehensions))
        {
            all.Add(MapInsertLibrary.Library);
        }

        all.AddRange(libraries);
        var functions = all.SelectMany(l => l.Overloads)
            .GroupBy(o => o.Function)
            .ToFrozenDictionary(g => g.Key, g => new CelFunction(g.Key, [.. g.Select(o => o.Overload).DistinctBy(o => o.Id)]));
        var types = all.SelectMany(l => l.Types).GroupBy(t => t.Key).ToFrozenDictionary(g => g.Key, g => g.First().Value);
        return new(features, functions, types, [], []);
    }

    /// <summary>The environment with a variable more; one of the same name is replaced.</summary>
    public CelEnvironment WithVariable(string name, CelType type) =>
        new(Features, _functions, _types, new(_variables) { [name] = type }, _providers);

    /// <summary>The environment with a library more.</summary>
    public CelEnvironment WithLibrary(CelLibrary library)
    {
        var functions = new Dictionary<string, CelFunction>(_functions);
        foreach (var group in library.Overloads.GroupBy(o => o.Function))
        {
            var known = functions.TryGetValue(group.Key, out var function) ? function.Overloads : [];
            functions[group.Key] = new(group.Key, [.. known.Concat(group.Select(g => g.Overload)).DistinctBy(o => o.Id)]);
        }

        var types = library.Types.Concat(_types).DistinctBy(t => t.Key);
        return new(Features, functions.ToFrozenDictionary(), types.ToFrozenDictionary(), _variables, _providers);
    }

    /// <summary>The environment with object types more; the newest provider is asked first.</summary>
    public CelEnvironment WithTypes(ICelTypeProvider provider) => new(Features, _functions, _types, _variables, [provider, .. _providers]);

    /// <summary>Reads and checks an expression, and makes it ready to run.</summary>
    public CelCompilation Compile(string text)
    {
        var source = new CelSource(text);
        var issues = new CelIssueSink(source);
        if (new CelParser(source, issues, new CelMacros(Features)).Parse() is not { } tree)
        {
            return new(null, issues.ToIssues());
        }

        new CelChecker(this, issues).Run(tree);
        if (!issues.Any)
        {
            Validate(tree, issues);
        }

        if (issues.Any)
        {
            return new(null, issues.ToIssues());
        }

        var planner = new CelPlanner(this);
        var node = planner.Plan(tree);
        return new(new CelProgram(text, tree, node, planner.Slots) { Problem = planner.Problem }, null);
    }

    private void Validate(CelExpr tree, CelIssueSink issues)
    {
        new CelAggregateValidator(issues).Run(tree);
        if (Features.HasFlag(CelEnvironmentFeatures.LiteralValidation))
        {
            new CelLiteralValidator(issues).Run(tree);
        }
    }

    internal CelType? FindVariable(string name) => _variables.GetValueOrDefault(name);

    internal CelFunction? FindFunction(string name) => _functions.GetValueOrDefault(name);

    internal CelType? FindTypeName(string name)
    {
        foreach (var provider in _providers)
        {
            if (provider.FindType(name) is { } type)
            {
                return type;
            }
        }

        return _types.GetValueOrDefault(name);
    }

    internal CelType? FindField(string typeName, string field)
    {
        foreach (var provider in _providers)
        {
            if (provider.FindType(typeName) is not null)
            {
                return provider.FindField(typeName, field);
            }
        }

        return null;
    }

    internal CelValue Create(string typeName, IReadOnlyDictionary<string, CelValue> fields)
    {
        foreach (var provider in _providers)
        {
            if (provider.Create(typeName, fields) is { } made)
            {
                return made;
            }
        }

        return new CelError($"unknown type: {typeName}");
    }
}
