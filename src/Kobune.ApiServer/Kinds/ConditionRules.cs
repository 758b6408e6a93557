using System.Text;
using System.Text.RegularExpressions;
using Kobune.Api.Meta.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds;

/// <summary>Conditions of the shared type. Source: k8s.io/apimachinery, apis/meta/v1/validation, ValidateConditions.</summary>
internal static partial class ConditionRules
{
    private const int MaxReason = 1024;
    private const int MaxMessage = 32 * 1024;
    private const string Form = "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')";
    private static readonly string[] Statuses = ["False", "True", "Unknown"];

    public static void Validate(IReadOnlyList<Condition> conditions, string path, FieldErrors errors)
    {
        var types = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < conditions.Count; i++)
        {
            if (!types.Add(conditions[i].Type))
            {
                errors.Duplicate($"{path}[{i}].type", conditions[i].Type);
            }

            Validate(conditions[i], $"{path}[{i}]", errors);
        }
    }

    private static void Validate(Condition condition, string path, FieldErrors errors)
    {
        errors.Names(path + ".type", condition.Type, NameValidation.QualifiedName(condition.Type));
        if (!Statuses.Contains(condition.Status))
        {
            errors.NotSupported(path + ".status", condition.Status, Statuses);
        }

        if (condition.ObservedGeneration < 0)
        {
            errors.Invalid(path + ".observedGeneration", condition.ObservedGeneration, "must be greater than or equal to zero");
        }

        if (condition.LastTransitionTime is null)
        {
            errors.Required(path + ".lastTransitionTime", "must be set");
        }

        Reason(condition.Reason, path + ".reason", errors);
        if (Encoding.UTF8.GetByteCount(condition.Message) > MaxMessage)
        {
            errors.TooLong(path + ".message", MaxMessage);
        }
    }

    private static void Reason(string reason, string path, FieldErrors errors)
    {
        if (reason.Length == 0)
        {
            errors.Required(path, "must be set");
            return;
        }

        if (!ReasonForm().IsMatch(reason))
        {
            errors.Invalid(path, reason, Form);
        }

        if (reason.Length > MaxReason)
        {
            errors.TooLong(path, MaxReason);
        }
    }

    [GeneratedRegex(@"^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?\z")]
    private static partial Regex ReasonForm();
}
