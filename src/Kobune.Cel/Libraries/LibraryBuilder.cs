using Kobune.Cel.Types;
using Kobune.Cel.Values;

namespace Kobune.Cel.Libraries;

/// <summary>Collects a library's functions; bodies may use their arguments as the declared types.</summary>
internal sealed class LibraryBuilder(string name)
{
    private readonly List<(string, CelOverload)> _overloads = [];
    private readonly Dictionary<string, CelType> _types = [];

    public LibraryBuilder Member(string function, string id, CelType[] arguments, CelType result, CelFunctionBody body)
    {
        _overloads.Add((function, new(id, true, arguments, result, body)));
        return this;
    }

    public LibraryBuilder Global(string function, string id, CelType[] arguments, CelType result, CelFunctionBody body)
    {
        _overloads.Add((function, new(id, false, arguments, result, body)));
        return this;
    }

    /// <summary>An operator's form: it is evaluated by <see cref="CelArithmetic"/>, the form is for the checker.</summary>
    public LibraryBuilder Operator(string function, string id, CelType[] arguments, CelType result)
    {
        _overloads.Add((function, new(id, false, arguments, result, static _ => CelError.NoSuchOverload)));
        return this;
    }

    public LibraryBuilder Type(string typeName, CelType type)
    {
        _types[typeName] = type;
        return this;
    }

    public CelLibrary Build() => new(name) { Overloads = _overloads, Types = _types };
}
