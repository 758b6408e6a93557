using System.Globalization;
using System.Text;

namespace Kobune.Api.Schema;

/// <summary>Where a reader is: "spec.containers[0].name".</summary>
internal sealed class FieldPath
{
    private readonly List<(string? Name, int Index)> _steps = [];

    public void Push(string name) => _steps.Add((name, 0));

    public void Push(int index) => _steps.Add((null, index));

    public void Pop() => _steps.RemoveAt(_steps.Count - 1);

    /// <summary>The path with one more name.</summary>
    public string With(string name)
    {
        Push(name);
        var text = ToString();
        Pop();
        return text;
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (name, index) in _steps)
        {
            if (name is null)
            {
                text.Append('[').Append(index.ToString(CultureInfo.InvariantCulture)).Append(']');
            }
            else
            {
                text.Append(text.Length > 0 ? "." : "").Append(name);
            }
        }

        return text.ToString();
    }
}
