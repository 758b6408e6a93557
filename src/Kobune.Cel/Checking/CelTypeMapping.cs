using Kobune.Cel.Types;

namespace Kobune.Cel.Checking;

/// <summary>What type parameters stand for, and which types can be used as which (cel-go's checker/types.go).</summary>
internal sealed class CelTypeMapping
{
    private Dictionary<string, CelType> _bound = [];

    /// <summary>Whether all types can be used as the others, one by one; parameters are bound only when all can.</summary>
    public bool IsAssignable(ReadOnlySpan<CelType> from, ReadOnlySpan<CelType> to)
    {
        if (from.Length != to.Length)
        {
            return false;
        }

        var before = _bound;
        _bound = new(before);
        for (var i = 0; i < from.Length; i++)
        {
            if (!Assign(from[i], to[i]))
            {
                _bound = before;
                return false;
            }
        }

        return true;
    }

    public bool IsAssignable(CelType from, CelType to) => IsAssignable([from], [to]);

    public void Bind(CelType parameter, CelType type) => _bound[parameter.Name] = type;

    /// <summary>The type with bound parameters replaced; unbound ones become dyn when the check is over.</summary>
    public CelType Substitute(CelType type, bool unboundToDyn)
    {
        if (type.Kind == CelKind.Parameter)
        {
            return _bound.TryGetValue(type.Name, out var bound) ? Substitute(bound, unboundToDyn) : unboundToDyn ? CelType.Dyn : type;
        }

        if (type.Parameters.Count == 0)
        {
            return type;
        }

        var parameters = new CelType[type.Parameters.Count];
        for (var i = 0; i < parameters.Length; i++)
        {
            parameters[i] = Substitute(type.Parameters[i], unboundToDyn);
        }

        return type.With(parameters);
    }

    /// <summary>The more general of two types that can be used as each other.</summary>
    public static CelType MostGeneral(CelType a, CelType b) => IsEqualOrLessSpecific(a, b) ? a : b;

    private bool Assign(CelType from, CelType to)
    {
        if (to.Kind == CelKind.Parameter)
        {
            var (valid, hasBinding) = TryBind(from, to);
            if (valid || hasBinding)
            {
                return valid;
            }
        }

        if (from.Kind == CelKind.Parameter)
        {
            return TryBind(to, from).Valid;
        }

        if (from.IsDynOrError || to.IsDynOrError)
        {
            return true;
        }

        if (from.Kind == CelKind.Null || to.Kind == CelKind.Null)
        {
            return IsNullable(from.Kind == CelKind.Null ? to : from);
        }

        return from.Kind == to.Kind && (from.Kind == CelKind.Type || (from.Name == to.Name && AssignAll(from.Parameters, to.Parameters)));
    }

    private bool AssignAll(IReadOnlyList<CelType> from, IReadOnlyList<CelType> to)
    {
        if (from.Count != to.Count)
        {
            return false;
        }

        for (var i = 0; i < from.Count; i++)
        {
            if (!Assign(from[i], to[i]))
            {
                return false;
            }
        }

        return true;
    }

    private (bool Valid, bool HasBinding) TryBind(CelType type, CelType parameter)
    {
        if (parameter.Equals(type))
        {
            return (true, false);
        }

        if (_bound.TryGetValue(parameter.Name, out var bound))
        {
            if (type.Equals(bound))
            {
                return (true, true);
            }

            if (!Assign(type, bound))
            {
                return (false, true);
            }

            // Binding may have followed the parameter itself; a parameter must never stand for itself.
            var general = MostGeneral(type, bound);
            if (IsAbsentIn(parameter, general))
            {
                _bound[parameter.Name] = general;
            }

            return (true, true);
        }

        if (!IsAbsentIn(parameter, type))
        {
            return (false, false);
        }

        _bound[parameter.Name] = type;
        return (true, false);
    }

    private bool IsAbsentIn(CelType parameter, CelType within)
    {
        if (parameter.Equals(within))
        {
            return false;
        }

        if (within.Kind == CelKind.Parameter)
        {
            return !_bound.TryGetValue(within.Name, out var bound) || IsAbsentIn(parameter, bound);
        }

        foreach (var inner in within.Parameters)
        {
            if (!IsAbsentIn(parameter, inner))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsNullable(CelType type) => type.Kind is CelKind.Null or CelKind.Struct or CelKind.Opaque or CelKind.Duration or CelKind.Timestamp;

    private static bool IsEqualOrLessSpecific(CelType a, CelType b)
    {
        if (a.Kind is CelKind.Dyn or CelKind.Parameter)
        {
            return true;
        }

        if (b.Kind is CelKind.Dyn or CelKind.Parameter || a.Kind != b.Kind || a.Name != b.Name || a.Parameters.Count != b.Parameters.Count)
        {
            return false;
        }

        return a.Kind == CelKind.Type || a.Parameters.Zip(b.Parameters).All(p => IsEqualOrLessSpecific(p.First, p.Second));
    }
}
