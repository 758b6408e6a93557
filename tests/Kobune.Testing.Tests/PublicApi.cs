using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Kobune.Testing.Tests;

/// <summary>Writes down the public API of an assembly: a line for each member, types in the order of their names. Types of our other assemblies follow as far as signatures show them.</summary>
internal static class PublicApi
{
    private const BindingFlags Own = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static string Describe(Assembly assembly)
    {
        var open = new Stack<Type>(assembly.GetExportedTypes());
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        while (open.TryPop(out var type))
        {
            if (seen.TryAdd(type.FullName!, ""))
            {
                seen[type.FullName!] = Describe(type, shown => Parts(shown).Where(IsOurs).ToList().ForEach(open.Push));
            }
        }

        return string.Concat(seen.OrderBy(t => !t.Key.StartsWith("Kobune.Testing.", StringComparison.Ordinal)).ThenBy(t => t.Key, StringComparer.Ordinal).Select(t => t.Value));
    }

    // The generated records are the API of Kubernetes itself, which the schema freezes.
    private static bool IsOurs(Type type) => type.Assembly.GetName().Name is { } name && name.StartsWith("Kobune.", StringComparison.Ordinal) && name != "Kobune.Api.Records" && !type.IsGenericParameter;

    private static string Describe(Type type, Action<Type> show)
    {
        var text = new StringBuilder($"{Kind(type)} {Name(type)}{Bases(type, show)}\n");
        foreach (var line in type.GetMembers(Own).Select(m => Line(m, show)).OfType<string>().Distinct().Order(StringComparer.Ordinal))
        {
            text.Append("    ").Append(line).Append('\n');
        }

        return text.ToString();
    }

    private static string? Line(MemberInfo member, Action<Type> show)
    {
        switch (member)
        {
            case MethodInfo { IsSpecialName: false } method when IsVisible(method) && !IsOfRecord(method):
                Show(method.ReturnType, method.GetParameters(), show);
                return $"{(method.IsStatic ? "static " : "")}{Name(method.ReturnType)} {method.Name}{Generics(method)}({Parameters(method)})";
            case ConstructorInfo { IsStatic: false } constructor when IsVisible(constructor) && !(constructor.GetParameters() is [var one] && one.ParameterType == member.DeclaringType):
                Show(typeof(void), constructor.GetParameters(), show);
                return $"new({Parameters(constructor)})";
            case PropertyInfo property when property.Name != "EqualityContract" && (IsVisible(property.GetMethod) || IsVisible(property.SetMethod)):
                show(property.PropertyType);
                return $"{(property.GetMethod?.IsStatic == true ? "static " : "")}{Name(property.PropertyType)} {property.Name} {{ {(IsVisible(property.GetMethod) ? "get; " : "")}{(IsVisible(property.SetMethod) ? IsInit(property) ? "init; " : "set; " : "")}}}";
            case FieldInfo field when (field.IsPublic || field.IsFamily) && !field.IsSpecialName:
                show(field.FieldType);
                return field.DeclaringType!.IsEnum ? field.Name : $"{(field.IsLiteral ? "const " : field.IsStatic ? "static " : "")}{Name(field.FieldType)} {field.Name}";
            case EventInfo happening when IsVisible(happening.AddMethod):
                show(happening.EventHandlerType!);
                return $"event {Name(happening.EventHandlerType!)} {happening.Name}";
            default:
                return null;
        }
    }

    private static bool IsVisible(MethodBase? method) => method is { IsPublic: true } or { IsFamily: true } or { IsFamilyOrAssembly: true };

    // What every record has says nothing.
    private static bool IsOfRecord(MethodInfo method) => method.Name is "<Clone>$" or "PrintMembers" or "GetHashCode" or "ToString" or "Deconstruct" || (method.Name == "Equals" && method.GetParameters().Length == 1);

    private static bool IsInit(PropertyInfo property) => property.SetMethod!.ReturnParameter.GetRequiredCustomModifiers().Any(m => m.Name == "IsExternalInit");

    private static void Show(Type result, IEnumerable<ParameterInfo> parameters, Action<Type> show)
    {
        show(result);
        parameters.ToList().ForEach(p => show(p.ParameterType));
    }

    private static IEnumerable<Type> Parts(Type type)
    {
        if (type.HasElementType)
        {
            return Parts(type.GetElementType()!);
        }

        return type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type.GetGenericTypeDefinition()) : [type];
    }

    private static string Bases(Type type, Action<Type> show)
    {
        var bases = new[] { type.BaseType }.OfType<Type>().Where(b => IsOurs(b)).Concat(type.GetInterfaces().Where(i => i.IsVisible && (IsOurs(i) || i == typeof(IAsyncDisposable) || i == typeof(IDisposable)))).ToList();
        bases.ForEach(show);
        return bases.Count == 0 ? "" : " : " + string.Join(", ", bases.Select(Name).Order(StringComparer.Ordinal));
    }

    private static string Kind(Type type) =>
        type.IsEnum ? "enum" : type.IsInterface ? "interface" : typeof(Delegate).IsAssignableFrom(type) ? "delegate" : type.IsValueType ? "struct" : type is { IsAbstract: true, IsSealed: true } ? "static class" : type.IsSealed ? "sealed class" : type.IsAbstract ? "abstract class" : "class";

    private static string Generics(MethodInfo method) => method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(a => a.Name))}>" : "";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(p => $"{(p.GetCustomAttribute<ParamCollectionAttribute>() is null && p.GetCustomAttribute<ParamArrayAttribute>() is null ? "" : "params ")}{Name(p.ParameterType)} {p.Name}{(p.HasDefaultValue ? " = " + (p.DefaultValue ?? "default") : "")}"));

    private static string Name(Type type)
    {
        if (type.IsByRef || type.IsArray)
        {
            return Name(type.GetElementType()!) + (type.IsArray ? "[]" : "&");
        }

        var name = type.IsGenericParameter || type.Namespace?.StartsWith("System", StringComparison.Ordinal) == true ? type.Name : type.FullName ?? $"{type.Namespace}.{type.Name}";
        var tick = name.IndexOf('`');
        return tick < 0 ? name : $"{name[..tick]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
    }
}
