using Microsoft.Extensions.Logging;

namespace Kobune.ApiServer.Configuration;

/// <summary>
/// What a file says, which is read again when it has changed; one that cannot be used leaves what the one before said. Nothing watches it: who wants to know looks at it now and then.
/// Source: k8s.io/apiserver, server/options, and kubernetes/pkg/kubeapiserver, authorizer/reload.go.
/// </summary>
internal sealed partial class ReloadedFile<T>
    where T : class
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(10);

    private readonly string _path;
    private readonly Func<string, T> _read;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ReloadMetrics? _metrics;
    private readonly Lock _gate = new();
    private volatile T _current;
    private string _text;
    private long _looked;

    /// <summary>Reads the file.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="refusal">What a refusal begins with.</param>
    /// <param name="read">Makes of its text what is wanted.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where a file that cannot be used is told.</param>
    /// <param name="metrics">Where that is counted; null for nowhere.</param>
    /// <exception cref="FormatException">The file, and what is wrong with it.</exception>
    public ReloadedFile(string path, string refusal, Func<string, T> read, TimeProvider time, ILogger logger, ReloadMetrics? metrics = null)
    {
        (_path, _read, _time, _logger, _metrics) = (path, read, time, logger, metrics);
        try
        {
            _text = File.ReadAllText(path);
            _current = read(_text);
        }
        catch (Exception e) when (IsUnusable(e))
        {
            throw new FormatException($"{refusal}: {e.Message}");
        }

        _metrics?.Hold(_text);
        _looked = time.GetUtcNow().UtcTicks;
    }

    /// <summary>What holds now.</summary>
    public T Current
    {
        get
        {
            var (looked, now) = (Volatile.Read(ref _looked), _time.GetUtcNow().UtcTicks);
            if (now - looked >= LookAgain.Ticks && Interlocked.CompareExchange(ref _looked, now, looked) == looked)
            {
                Reload();
            }

            return _current;
        }
    }

    private static bool IsUnusable(Exception e) => e is FormatException or IOException or UnauthorizedAccessException;

    private void Reload()
    {
        try
        {
            var text = File.ReadAllText(_path);
            lock (_gate)
            {
                if (text == _text)
                {
                    return;
                }

                _text = text; // also of a file that cannot be used: it is told once
                _current = _read(text);
                _metrics?.Hold(text);
            }

            _metrics?.Reloaded(isGood: true);
            LogReloaded(_path);
        }
        catch (Exception e) when (IsUnusable(e))
        {
            _metrics?.Reloaded(isGood: false);
            LogKept(_path, e.Message);
        }
    }

    [LoggerMessage(LogLevel.Information, "{File} was read again and is in force")]
    private partial void LogReloaded(string file);

    [LoggerMessage(LogLevel.Error, "{File} cannot be used, so that what it said before holds: {Problem}")]
    private partial void LogKept(string file, string problem);
}
