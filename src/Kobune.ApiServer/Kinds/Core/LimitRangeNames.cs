using System.Globalization;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Kinds.Pods;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Core;

/// <summary>Types and resources of a limit range, and how much more a limit may be than a request (upstream's ValidateLimitRange).</summary>
internal static class LimitRangeNames
{
    public static void Validate(LimitRangeItem item, string path, FieldErrors errors)
    {
        var problems = NameValidation.QualifiedName(item.Type);
        errors.Names(path + ".type", item.Type, problems);
        if (problems.Count == 0 && !item.Type.Contains('/', StringComparison.Ordinal) && item.Type is not (LimitType.Pod or LimitType.Container or LimitType.PersistentVolumeClaim))
        {
            errors.Invalid(path + ".type", item.Type, "must be a standard limit type or fully qualified");
        }

        Names(item.Max, "max");
        Names(item.Min, "min");
        if (item.Type != LimitType.Pod)
        {
            Names(item.Default, "default");
            Names(item.DefaultRequest, "defaultRequest");
        }

        if (item.Type == LimitType.PersistentVolumeClaim && !item.Min.ContainsKey("storage") && !item.Max.ContainsKey("storage"))
        {
            errors.Required(path + ".limits", "either minimum or maximum storage value is required, but neither was provided");
        }

        Names(item.MaxLimitRequestRatio, "maxLimitRequestRatio");

        void Names(IReadOnlyDictionary<string, Quantity> amounts, string field)
        {
            foreach (var name in amounts.Keys.Order(StringComparer.Ordinal))
            {
                if (item.Type is LimitType.Pod or LimitType.Container)
                {
                    ResourceNames.OfContainer(name, $"{path}.{field}[{name}]", errors);
                }
                else
                {
                    ResourceNames.Any(name, $"{path}.{field}[{name}]", errors);
                }
            }
        }
    }

    public static void Ratio(LimitRangeItem item, string name, string path, FieldErrors errors)
    {
        if (!item.MaxLimitRequestRatio.TryGetValue(name, out var ratio))
        {
            return;
        }

        path += $".maxLimitRequestRatio[{name}]";
        if (ratio < new Quantity(1))
        {
            errors.Invalid(path, ratio, $"ratio {ratio} is less than 1");
        }

        if (item.Min.TryGetValue(name, out var min) && item.Max.TryGetValue(name, out var max) && (double)max.MilliValue / min.MilliValue is var most && ratio.MilliValue / 1000d > most)
        {
            errors.Invalid(path, ratio, $"ratio {ratio} is greater than max/min = {most.ToString("F6", CultureInfo.InvariantCulture)}");
        }
    }
}
