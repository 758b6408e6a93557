using Kobune.Api;
using Kobune.Api.Resource.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Resource;

/// <summary>How much of a device may be asked for. Source: pkg/apis/resource/validation, validateRequestPolicy.</summary>
internal static class CapacityRules
{
    private const int MaxOptions = 10;

    public static void Check(FieldErrors errors, string path, DeviceCapacity capacity, bool isShared)
    {
        path += ".requestPolicy";
        if (capacity.RequestPolicy is not { } policy)
        {
            return;
        }

        if (!isShared)
        {
            errors.Forbidden(path, "allowMultipleAllocations must be true");
        }
        else if (policy.ValidValues.Count > 0 && policy.ValidRange is not null)
        {
            errors.Forbidden(path, "exactly one policy can be specified, cannot specify \"validValues\" and \"validRange\" at the same time");
        }
        else if (policy.ValidValues.Count > 0)
        {
            if (policy.Default is { } common)
            {
                Values(errors, path + ".validValues", policy.ValidValues, common, capacity.Value);
            }
            else
            {
                errors.Required(path + ".default", "required when validValues is defined");
            }
        }
        else if (policy.ValidRange is { } range)
        {
            if (policy.Default is { } common)
            {
                Range(errors, path + ".validRange", range, common, capacity.Value);
            }
            else
            {
                errors.Required(path + ".default", "required when validRange is defined");
            }
        }
    }

    private static void Values(FieldErrors errors, string path, IReadOnlyList<Quantity> values, Quantity common, Quantity capacity)
    {
        for (var i = 1; i < values.Count; i++)
        {
            if (values[i - 1] > values[i])
            {
                errors.Invalid(DeviceRules.At(path, i), values[i], "values must be sorted in ascending order");
            }
        }

        DeviceRules.List(errors, path, values, MaxOptions, (at, option) =>
        {
            if (option > capacity)
            {
                errors.Invalid(at, option, $"option is larger than capacity value: {capacity}");
            }
        }, o => o.Value.ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (values.Count > MaxOptions || !values.Contains(common))
        {
            errors.Invalid(path, common, "default value is not valid according to the requestPolicy");
        }
    }

    private static void Range(FieldErrors errors, string path, CapacityRequestPolicyRange range, Quantity common, Quantity capacity)
    {
        if (range.Min is not { } least)
        {
            errors.Required(path + ".min", "required when validRange is defined");
            return;
        }

        Refuse(least > capacity, ".min", least, $"min is larger than capacity value: {capacity}");
        Refuse(common < least, ".min", common, $"default is less than min: {least}");
        if (range.Max is { } most)
        {
            Refuse(least > most, ".max", least, $"min is larger than max: {most}");
            Refuse(most > capacity, ".max", most, $"max is larger than capacity value: {capacity}");
            Refuse(common > most, ".max", common, $"default is more than max: {most}");
        }

        if (range.Step is { } step)
        {
            var first = least + step;
            Refuse(first > capacity, ".step", step, $"one step {first} is larger than capacity value: {capacity}");
            Steps(common, least, step);
            if (range.Max is { } end)
            {
                Steps(end, least, step);
            }
        }

        void Steps(Quantity value, Quantity start, Quantity step) =>
            Refuse(step.Value == 0 || (value.Value - start.Value) % step.Value != 0, ".step", value, $"value is not a multiple of a given step ({step}) from ({start})");

        void Refuse(bool isWrong, string field, Quantity value, string detail)
        {
            if (isWrong)
            {
                errors.Invalid(path + field, value, detail);
            }
        }
    }
}
