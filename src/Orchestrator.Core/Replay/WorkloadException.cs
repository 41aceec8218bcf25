using System.Globalization;

namespace Orchestrator.Core.Replay;

/// <summary>A trace that cannot be read. The message names the file, the line (or the number of the job), the field, and what is allowed.</summary>
public sealed class WorkloadException : Exception
{
    public WorkloadException()
    {
    }

    public WorkloadException(string message) : base(message)
    {
    }

    public WorkloadException(string message, Exception? inner) : base(message, inner)
    {
    }

    private WorkloadException(string file, int line, string field, string problem, Exception? inner) : base(Text(file, line, field, problem), inner)
    {
        File = file;
        Line = line;
        Field = field;
    }

    public string File { get; } = "";

    /// <summary>Counted from 1; 0: the file as a whole.</summary>
    public int Line { get; }

    /// <summary>"": the line as a whole.</summary>
    public string Field { get; } = "";

    internal static WorkloadException At(string file, int line, string field, string problem, Exception? inner = null) => new(file, line, field, problem, inner);

    private static string Text(string file, int line, string field, string problem) =>
        string.Create(CultureInfo.InvariantCulture, $"{file}{(line > 0 ? $":{line}" : "")}: {(field.Length > 0 ? field + ": " : "")}{problem}");
}
