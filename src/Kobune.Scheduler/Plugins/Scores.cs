using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.Plugins;

/// <summary>Arithmetic that scoring plugins share. Source: pkg/scheduler/framework/plugins/helper, normalize_score.go.</summary>
internal static class Scores
{
    /// <summary>Scales to the largest; in reverse the smallest raw score becomes the best.</summary>
    public static void Normalize(Span<long> scores, bool isReverse)
    {
        long largest = 0;
        foreach (var score in scores)
        {
            largest = Math.Max(largest, score);
        }

        for (var i = 0; i < scores.Length; i++)
        {
            var scaled = largest == 0 ? 0 : scores[i] * SchedulingFramework.MaxNodeScore / largest;
            scores[i] = isReverse ? SchedulingFramework.MaxNodeScore - scaled : scaled;
        }
    }
}
