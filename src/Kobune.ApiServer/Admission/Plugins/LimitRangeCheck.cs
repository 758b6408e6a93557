using System.Globalization;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Quotas;

namespace Kobune.ApiServer.Admission.Plugins;

using Resources = IReadOnlyDictionary<string, Quantity>;

/// <summary>Bounds of a LimitRange against one pod or claim, in upstream's words.</summary>
internal static class LimitRangeCheck
{
    public static IReadOnlyList<string> Pod(Pod pod, LimitRange range)
    {
        var problems = new List<string>();
        foreach (var item in range.Spec.Limits)
        {
            if (item.Type == LimitType.Container)
            {
                foreach (var container in pod.Spec.Containers.Concat(pod.Spec.InitContainers))
                {
                    Check(item, container.Resources.Requests, container.Resources.Limits, problems);
                }
            }
            else if (item.Type == LimitType.Pod)
            {
                Check(item, PodTotals.Requests(pod.Spec), PodTotals.Limits(pod.Spec), problems);
            }
        }

        return problems;
    }

    public static IReadOnlyList<string> Claim(PersistentVolumeClaim claim, LimitRange range)
    {
        var problems = new List<string>();
        foreach (var item in range.Spec.Limits.Where(l => l.Type == LimitType.PersistentVolumeClaim))
        {
            foreach (var (name, bound) in Sorted(item.Min))
            {
                AtLeast(item.Type, name, bound, claim.Spec.Resources.Requests, new Dictionary<string, Quantity>(), problems);
            }

            foreach (var (name, bound) in Sorted(item.Max))
            {
                // A claim has only a request: it is bounded from above too.
                if (!claim.Spec.Resources.Requests.TryGetValue(name, out var request))
                {
                    problems.Add($"maximum {name} usage per {item.Type} is {bound}.  No request is specified");
                }
                else if (request > bound)
                {
                    problems.Add($"maximum {name} usage per {item.Type} is {bound}, but request is {request}");
                }
            }
        }

        return problems;
    }

    private static IOrderedEnumerable<KeyValuePair<string, Quantity>> Sorted(Resources values) => values.OrderBy(v => v.Key, StringComparer.Ordinal);

    private static void Check(LimitRangeItem item, Resources requests, Resources limits, List<string> problems)
    {
        foreach (var (name, bound) in Sorted(item.Min))
        {
            AtLeast(item.Type, name, bound, requests, limits, problems);
        }

        foreach (var (name, bound) in Sorted(item.Max))
        {
            AtMost(item.Type, name, bound, requests, limits, problems);
        }

        foreach (var (name, bound) in Sorted(item.MaxLimitRequestRatio))
        {
            Ratio(item.Type, name, bound, requests, limits, problems);
        }
    }

    private static void AtLeast(string type, string name, Quantity bound, Resources requests, Resources limits, List<string> problems)
    {
        if (!requests.TryGetValue(name, out var request))
        {
            problems.Add($"minimum {name} usage per {type} is {bound}.  No request is specified");
            return;
        }

        if (request < bound)
        {
            problems.Add($"minimum {name} usage per {type} is {bound}, but request is {request}");
        }

        if (limits.TryGetValue(name, out var limit) && limit < bound)
        {
            problems.Add($"minimum {name} usage per {type} is {bound}, but limit is {limit}");
        }
    }

    private static void AtMost(string type, string name, Quantity bound, Resources requests, Resources limits, List<string> problems)
    {
        if (!limits.TryGetValue(name, out var limit))
        {
            problems.Add($"maximum {name} usage per {type} is {bound}.  No limit is specified");
            return;
        }

        if (limit > bound)
        {
            problems.Add($"maximum {name} usage per {type} is {bound}, but limit is {limit}");
        }

        if (requests.TryGetValue(name, out var request) && request > bound)
        {
            problems.Add($"maximum {name} usage per {type} is {bound}, but request is {request}");
        }
    }

    private static void Ratio(string type, string name, Quantity bound, Resources requests, Resources limits, List<string> problems)
    {
        var prefix = $"{name} max limit to request ratio per {type} is {bound}, but";
        if (!requests.TryGetValue(name, out var request) || request.IsZero)
        {
            problems.Add($"{prefix} no request is specified or request is 0");
        }
        else if (!limits.TryGetValue(name, out var limit) || limit.IsZero)
        {
            problems.Add($"{prefix} no limit is specified or limit is 0");
        }
        else if ((double)limit.MilliValue / request.MilliValue is var ratio && ratio > bound.MilliValue / 1000.0)
        {
            problems.Add($"{prefix} provided ratio is {ratio.ToString("F6", CultureInfo.InvariantCulture)}");
        }
    }
}
