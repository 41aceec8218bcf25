using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Agent.Tests;

/// <summary>Keeps what was logged.</summary>
internal sealed class RecordingLog : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, int Id, string Text)> entries = new();

    private readonly ConcurrentDictionary<int, TaskCompletionSource> waits = new();

    public IReadOnlyCollection<(LogLevel Level, int Id, string Text)> Entries => entries;

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Keep(logLevel, eventId.Id, formatter(state, exception) + (exception is null ? "" : Environment.NewLine + exception));

    /// <summary>Returns when something with this id was logged.</summary>
    public async Task WaitForAsync(int id) =>
        await waits.GetOrAdd(id, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

    private void Keep(LogLevel level, int id, string text)
    {
        entries.Enqueue((level, id, text));
        waits.GetOrAdd(id, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        TestContext.Current.TestOutputHelper?.WriteLine(text);
    }

    public void Dispose()
    {
    }
}
