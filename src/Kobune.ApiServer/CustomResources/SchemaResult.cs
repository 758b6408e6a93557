using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.CustomResources;

/// <summary>
/// What a schema says of a value: the problems, each once, and how much was checked, by which the part of anyOf and oneOf is chosen that came nearest.
/// Source: k8s.io/kube-openapi, validation/validate/result.go; the fields of problems as k8s.io/apiextensions-apiserver, apiserver/validation, makes them.
/// </summary>
/// <param name="root">Where the value stands: "" for an object, the path of a default.</param>
internal sealed class SchemaResult(string root)
{
    private readonly HashSet<FieldError> _known = [];
    private readonly List<FieldError> _items = [];

    public IReadOnlyList<FieldError> Items => _items;

    public bool IsValid => _items.Count == 0;

    public int Checks { get; private set; }

    public void Count() => Checks++;

    public void Merge(SchemaResult other)
    {
        foreach (var item in other._items)
        {
            Add(item);
        }

        Checks += other.Checks;
    }

    /// <summary>The same, with no problem: an update did not bring them.</summary>
    public SchemaResult Forgiven() => new(root) { Checks = Checks };

    public void TypeInvalid(string path, object value, string message) => Add(new("FieldValueTypeInvalid", Field(path), $"Invalid value: {FieldValue.Show(value)}: {message}"));

    public void Required(string path) => Report(errors => errors.Required(Field(path), ""));

    public void Invalid(string path, object value, string message) => Report(errors => errors.Invalid(Field(path), value, message));

    public void NotSupported(string path, object? value, IEnumerable<string> supported) => Report(errors => errors.NotSupported(Field(path), value, supported));

    public void TooLong(string path, int max) => Report(errors => errors.TooLong(Field(path), max));

    public void TooMany(string path, int actual, int max) => Report(errors => errors.TooMany(Field(path), actual, max));

    /// <summary>A problem of several schemas together, which upstream tells without a field.</summary>
    public void Composite(string message) => Report(errors => errors.Invalid(Field(""), "", message));

    private string Field(string path) => (root, path.TrimStart('.')) switch
    {
        ("", "") => "<nil>",
        ("", var inner) => inner,
        (_, "") => root,
        (_, var inner) => $"{root}.{inner}",
    };

    private void Report(Action<FieldErrors> report)
    {
        var errors = new FieldErrors();
        report(errors);
        Add(errors.Items[0]);
    }

    private void Add(FieldError error)
    {
        if (_known.Add(error))
        {
            _items.Add(error);
        }
    }
}
