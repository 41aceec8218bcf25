using Microsoft.Extensions.Logging;

namespace Orchestrator.Storage.Tests;

/// <summary>Completes when a message with a number was logged.</summary>
internal sealed class LogWitness(int eventId) : ILoggerProvider, ILogger
{
    private readonly TaskCompletionSource seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Seen => seen.Task;

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (id.Id == eventId)
        {
            seen.TrySetResult();
        }
    }

    public void Dispose()
    {
    }
}
