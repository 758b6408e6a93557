using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Kobune.Kubelet.Tests.Node;

/// <summary>Keeps what a kubelet logged, for the message of a failing test.</summary>
internal sealed class TestLog : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");

    public override string ToString() => string.Join('\n', _lines.TakeLast(40));

    public void Dispose()
    {
    }
}
