namespace Kobune.Addons.Metrics;

/// <summary>Answers that hold for a while, so that one and the same is not asked for at each request. A failure is not remembered.</summary>
internal sealed class Remembered<T>(TimeProvider time)
{
    private static readonly TimeSpan HoldsFor = TimeSpan.FromSeconds(10);
    private const int Most = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (T Answer, DateTimeOffset Until)> _answers = new(StringComparer.Ordinal);

    /// <summary>The answer that is known, or a new one.</summary>
    public async Task<T> FindAsync(string key, Func<Task<T>> ask)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            if (_answers.TryGetValue(key, out var known) && now < known.Until)
            {
                return known.Answer;
            }
        }

        var answer = await ask();
        lock (_gate)
        {
            if (_answers.Count >= Most)
            {
                _answers.Clear();
            }

            _answers[key] = (answer, now + HoldsFor);
        }

        return answer;
    }
}
