using System.Collections.Concurrent;
using Kobune.Cel.Libraries;
using Kobune.Cel.Types;
using Kobune.Cel.Values;

namespace Kobune.Cel.Devices;

/// <summary>Expressions that select devices of dynamic resources: they see one variable, <c>device</c>. Source: k8s.io/dynamic-resource-allocation/cel.</summary>
public static class CelDevices
{
    /// <summary>What an evaluation may cost.</summary>
    public const ulong CostLimit = 1_000_000;

    /// <summary>The longest expression, in bytes.</summary>
    public const int MaxLength = 10 * 1024;

    private const string Variable = "device";
    private const int MaxRemembered = 1000;
    private static readonly CelEnvironment Environment = CelKubernetes.Make(36, authorizationSelectors: true, CelEnvironmentFeatures.Bindings)
        .WithTypes(new DeviceTypes())
        .WithVariable(Variable, DeviceTypes.Device);

    private static readonly ConcurrentDictionary<string, (CelProgram? Program, string Problem)> Known = new(StringComparer.Ordinal);

    /// <summary>The program of an expression, or what is wrong with it.</summary>
    public static (CelProgram? Program, string Problem) Compile(string expression)
    {
        if (Known.TryGetValue(expression, out var known))
        {
            return known;
        }

        if (Known.Count >= MaxRemembered)
        {
            Known.Clear();
        }

        var compiled = Environment.Compile(expression);
        return Known[expression] = compiled.Program is not { } program ? (null, "compilation failed: " + compiled.Issues)
            : program.OutputType != CelType.Bool && program.OutputType != CelType.Dyn ? (null, $"must evaluate to bool or the unknown type, not {program.OutputType.Name}")
            : program.Problem is { } problem ? (null, "program instantiation failed: " + problem)
            : (program, "");
    }

    /// <summary>Whether a device is meant, or why that cannot be said.</summary>
    public static (bool IsMatch, string? Problem) Matches(CelProgram program, CelValue device, CancellationToken ct)
    {
        var result = program.Evaluate(new CelActivation(new Dictionary<string, CelValue> { [Variable] = device }), CostLimit, ct);
        return result.Outcome != CelOutcome.Value ? (false, result.Error ?? "operation interrupted")
            : result.Value is CelBool flag ? (flag.Value, null)
            : (false, "CEL result was not a boolean");
    }

    /// <summary>A device as expressions see it.</summary>
    /// <param name="driver">Its driver, the domain of names without one.</param>
    /// <param name="attributes">Attributes by name, "model" or "example.com/model": a long, a bool, a string or a <see cref="Version"/>.</param>
    /// <param name="capacity">Quantities by name.</param>
    /// <param name="allowsMultipleAllocations">Whether more than one claim can have it.</param>
    public static CelValue Device(string driver, IEnumerable<KeyValuePair<string, object>> attributes, IEnumerable<KeyValuePair<string, string>> capacity, bool allowsMultipleAllocations) =>
        new DeviceObject(driver, attributes.Select(a => (a.Key, ValueOf(a.Value))), capacity.Select(c => (c.Key, QuantityOf(c.Value))), allowsMultipleAllocations);

    /// <summary>A semantic version as an attribute.</summary>
    /// <param name="Text">"1.2.3".</param>
    public sealed record Version(string Text);

    private static CelValue ValueOf(object value) => value switch
    {
        long number => CelInt.Of(number),
        bool flag => CelBool.Of(flag),
        Version version => CelSemver.Parse(version.Text, out var problem) is { } parsed ? parsed : new CelError($"parse semantic version: {problem}"),
        _ => new CelString((string)value),
    };

    private static CelValue QuantityOf(string text) => CelQuantity.Parse(text, out var problem) is { } parsed ? parsed : new CelError(problem);
}
