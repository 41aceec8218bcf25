using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Silo;

/// <summary>A log file of lines, for people. At 16 MiB it becomes <c>NAME.1</c>, over the one before. What cannot be written is dropped: a full disk must not stop the silo.</summary>
internal sealed class LogFile : ILoggerProvider
{
    private const long SizeMax = 16 * 1024 * 1024;

    private readonly string path;
    private readonly TimeProvider clock;
    private readonly Lock gate = new();
    private StreamWriter? writer;

    public LogFile(string path, TimeProvider clock)
    {
        this.path = path;
        this.clock = clock;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        writer = Open();
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName[(categoryName.LastIndexOf('.') + 1)..]);

    public void Dispose()
    {
        lock (gate)
        {
            writer?.Dispose();
            writer = null;
        }
    }

    private void Write(LogLevel level, string category, string message, Exception? error)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{clock.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {Word(level)} {category}: {message}");
        lock (gate)
        {
            try
            {
                if (writer is null)
                {
                    return;
                }

                if (writer.BaseStream.Length > SizeMax)
                {
                    writer.Dispose();
                    File.Move(path, path + ".1", overwrite: true);
                    writer = Open();
                }

                writer.WriteLine(line);
                if (error is not null)
                {
                    writer.WriteLine(error);
                }

                writer.Flush();
            }
            catch (IOException)
            {
                // The disk is full, most likely: storage says so to whoever must know.
            }
        }
    }

    private StreamWriter Open() => new(PrivateFiles.Open(path, FileMode.Append));

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Critical => "CRIT ",
        LogLevel.Error => "ERROR",
        LogLevel.Warning => "WARN ",
        LogLevel.Information => "info ",
        _ => "debug",
    };

    private sealed class Logger(LogFile file, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information && logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                file.Write(logLevel, category, formatter(state, exception), exception);
            }
        }
    }
}
