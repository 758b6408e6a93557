namespace Kobune.Api.Schema;

/// <summary>What Go's decoder knows of its place when it refuses a value: the innermost struct and the names of the fields, without list indexes and map keys.</summary>
internal sealed class GoFieldStack
{
    private readonly List<(string Struct, string Field)> _steps = [];

    public void Push(string structName, string field) => _steps.Add((structName, field));

    public void Pop() => _steps.RemoveAt(_steps.Count - 1);

    /// <summary>The error of a value of the wrong type.</summary>
    public ObjectDecodeException Wrong(string value, string goType) => new(_steps.Count == 0
        ? $"json: cannot unmarshal {value} into Go value of type {goType}"
        : $"json: cannot unmarshal {value} into Go struct field {_steps[^1].Struct}.{string.Join('.', _steps.Select(s => s.Field))} of type {goType}");
}
