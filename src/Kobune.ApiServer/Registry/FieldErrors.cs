using Kobune.Api.Features;
using Kobune.Api.Schema;

namespace Kobune.ApiServer.Registry;

/// <summary>One problem of a field. <paramref name="Type"/> is a cause of upstream's Status: FieldValueRequired, FieldValueInvalid, FieldValueNotSupported, FieldValueDuplicate, FieldValueForbidden, FieldValueTooLong, FieldValueTooMany, FieldValueTypeInvalid, FieldValueNotFound.</summary>
/// <param name="Type">Cause type.</param>
/// <param name="Field">Path, "spec.containers[0].name".</param>
/// <param name="Message">Upstream's text without the path: 'Invalid value: "A": must ...'.</param>
public sealed record FieldError(string Type, string Field, string Message);

/// <summary>Collects the problems of one object. Messages have the form of upstream's field.Error (k8s.io/apimachinery, util/validation/field).</summary>
/// <param name="features">What is on in this server: some rules depend on it. Null = the newest release's defaults.</param>
/// <param name="group">The API group through which the object came, when a kind is served in several; null = nobody asks.</param>
public sealed class FieldErrors(FeatureGates? features = null, string? group = null)
{
    private readonly List<FieldError> _items = [];
    private readonly List<string> _warnings = [];

    /// <summary>What is on in this server.</summary>
    public FeatureGates Features => features ?? FeatureGates.Default(KubernetesVersion.Newest);

    /// <summary>The server's clock, for what must be near its time.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The API group of the request: Events of the newer one are judged by more rules.</summary>
    public string? Group => group;

    /// <summary>All problems so far, in the order in which they were found.</summary>
    public IReadOnlyList<FieldError> Items => _items;

    /// <summary>All of them in one line, each once.</summary>
    public string Aggregate()
    {
        var texts = _items.Select(e => $"{e.Field}: {e.Message}").Distinct().ToArray();
        return texts.Length == 1 ? texts[0] : $"[{string.Join(", ", texts)}]";
    }

    /// <summary>What the client is warned of: problems that are let pass.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>A problem that is let pass.</summary>
    public void Warn(FieldError problem) => _warnings.Add($"{problem.Field}: {problem.Message}");

    /// <summary>A problem whose text is made elsewhere.</summary>
    public void Add(string type, string field, string message) => _items.Add(new(type, field, message));

    /// <summary>A required value is missing.</summary>
    public void Required(string field, string detail) =>
        _items.Add(new("FieldValueRequired", field, detail.Length == 0 ? "Required value" : $"Required value: {detail}"));

    /// <summary>A value is malformed. <paramref name="value"/> is shown as upstream shows it: strings quoted, numbers and booleans bare, the rest as JSON.</summary>
    public void Invalid(string field, object? value, string detail) =>
        _items.Add(new("FieldValueInvalid", field, $"Invalid value: {FieldValue.Show(value)}{Suffix(detail)}"));

    /// <summary>A value is not one of a known set.</summary>
    public void NotSupported(string field, object? value, IEnumerable<string> supported) =>
        _items.Add(new("FieldValueNotSupported", field, $"Unsupported value: {FieldValue.Show(value)}: supported values: {string.Join(", ", supported.Select(s => FieldValue.Show(s)))}"));

    /// <summary>A value that must be unique occurs again.</summary>
    public void Duplicate(string field, object? value) =>
        _items.Add(new("FieldValueDuplicate", field, $"Duplicate value: {FieldValue.Show(value)}"));

    /// <summary>A value may not be set here.</summary>
    public void Forbidden(string field, string detail) =>
        _items.Add(new("FieldValueForbidden", field, $"Forbidden{Suffix(detail)}"));

    /// <summary>A value is longer than <paramref name="max"/> bytes.</summary>
    public void TooLong(string field, int max) =>
        _items.Add(new("FieldValueTooLong", field, $"Too long: may not be more than {max} bytes"));

    /// <summary>A list has more than <paramref name="max"/> items.</summary>
    public void TooMany(string field, int actual, int max) =>
        _items.Add(new("FieldValueTooMany", field, $"Too many: {actual}: must have at most {max} items"));

    /// <summary>A value that is referred to does not exist.</summary>
    public void NotFound(string field, object? value) =>
        _items.Add(new("FieldValueNotFound", field, $"Not found: {FieldValue.Show(value)}"));

    private static string Suffix(string detail) => detail.Length == 0 ? "" : ": " + detail;
}
