namespace Kobune.Tests;

/// <summary>Waits for something that other threads bring about.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Waits for a task; a time-out says what was expected.</summary>
    public static async Task Happens(this Task task, string expected)
    {
        try
        {
            await task.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Expected within {Patience.TotalSeconds} s: {expected}");
        }
    }

    /// <summary>Waits for a task's value; a time-out says what was expected.</summary>
    public static async Task<T> Happens<T>(this Task<T> task, string expected)
    {
        await ((Task)task).Happens(expected);
        return await task;
    }

    /// <summary>Waits until a condition holds.</summary>
    public static async Task Holds(Func<bool> condition, string expected)
    {
        for (var end = TimeProvider.System.GetTimestamp() + (TimeProvider.System.TimestampFrequency * 60); !condition();)
        {
            if (TimeProvider.System.GetTimestamp() > end)
            {
                throw new TimeoutException($"Expected within {Patience.TotalSeconds} s: {expected}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
        }
    }
}
