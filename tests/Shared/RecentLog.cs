using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Kobune.Tests;

/// <summary>Keeps the last lines that were logged, for the message of a failing test.</summary>
internal sealed class RecentLog : ILoggerFactory, ILogger
{
    private const int Kept = 60;
    private readonly ConcurrentQueue<string> _lines = new();

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Debug;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        _lines.Enqueue(logLevel + " " + formatter(state, exception) + (exception is null ? "" : ": " + exception.Message));
        while (_lines.Count > Kept)
        {
            _lines.TryDequeue(out _);
        }
    }

    public void Dispose()
    {
    }

    public override string ToString() => string.Join('\n', _lines);
}
