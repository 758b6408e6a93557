using Kobune.Api.Validation;

namespace Kobune.Scheduler.Configuration;

/// <summary>All that is wrong with a configuration file, in upstream's words. Source: k8s.io/apimachinery, util/validation/field.</summary>
internal sealed class ConfigProblems
{
    private readonly List<string> _problems = [];

    public void Invalid(string path, int value, string detail) => _problems.Add($"{path}: Invalid value: {value}: {detail}");

    public void Invalid(string path, string value, string detail) => _problems.Add($"{path}: Invalid value: {GoQuote.Of(value)}: {detail}");

    /// <param name="path">The field.</param>
    /// <param name="value">As it is shown.</param>
    /// <param name="detail">What is wrong.</param>
    public void InvalidText(string path, string value, string detail) => _problems.Add($"{path}: Invalid value: {value}: {detail}");

    public void Required(string path, string detail = "") => _problems.Add(detail.Length == 0 ? $"{path}: Required value" : $"{path}: Required value: {detail}");

    public void Duplicate(string path, string value) => _problems.Add($"{path}: Duplicate value: {GoQuote.Of(value)}");

    public void Forbidden(string path, string detail) => _problems.Add($"{path}: Forbidden: {detail}");

    public void NotSupported(string path, string value, params IEnumerable<string> supported) =>
        _problems.Add($"{path}: Unsupported value: {GoQuote.Of(value)}: supported values: {string.Join(", ", supported.Order(StringComparer.Ordinal).Select(GoQuote.Of))}");

    /// <exception cref="FormatException">There is any: one by itself, several in brackets.</exception>
    public void ThrowIfAny()
    {
        if (_problems.Count > 0)
        {
            throw new FormatException(_problems.Distinct().ToList() is [var only] ? only : $"[{string.Join(", ", _problems.Distinct())}]");
        }
    }
}
