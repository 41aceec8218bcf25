using System.Text.RegularExpressions;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Definitions;

namespace Orchestrator.Silo.Gateway;

/// <summary>Reads the words of a body and collects what is wrong with them; <see cref="Throw"/> then refuses with all of it at once (invariant 12).</summary>
internal sealed partial class BodyCheck(DateTimeOffset now)
{
    private readonly List<InputProblem> problems = [];

    public DateTimeOffset Now => now;

    public bool HasProblemOf(string path) => problems.Exists(problem => problem.Path == path);

    public void Refuse(string path, string message, string allowed) => problems.Add(new() { Path = path, Message = message, Allowed = allowed });

    public void Require(bool holds, string path, string message, string allowed)
    {
        if (!holds)
        {
            Refuse(path, message, allowed);
        }
    }

    /// <summary>Null without a text, or with one that was refused.</summary>
    public DateTimeOffset? Moment(string path, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (MomentText.TryParse(text, now, out var moment, out var problem))
        {
            return moment;
        }

        Refuse(path, problem, MomentText.Allowed);
        return null;
    }

    /// <summary>Null without a text, or with one that was refused.</summary>
    public TimeSpan? Duration(string path, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (DurationText.TryParse(text, out var duration, out var problem))
        {
            return duration;
        }

        Refuse(path, problem, DurationText.Allowed);
        return null;
    }

    /// <summary>0 without a text, or with one that was refused.</summary>
    public long Size(string path, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return 0;
        }

        if (SizeText.TryParse(text, out var bytes, out var problem))
        {
            return bytes;
        }

        Refuse(path, problem, SizeText.Allowed);
        return 0;
    }

    /// <summary>The start and the end, which is told itself or by a duration.</summary>
    public (DateTimeOffset Start, DateTimeOffset End) Span(string start, string? end, string? duration)
    {
        Require(!string.IsNullOrEmpty(start), "start", "it is missing", MomentText.Allowed);
        var from = Moment("start", start);
        var until = Moment("end", end);
        var length = Duration("duration", duration);
        Require(string.IsNullOrEmpty(end) || string.IsNullOrEmpty(duration), "duration", "end and duration are both told", "one of them");
        Require(!string.IsNullOrEmpty(end) || !string.IsNullOrEmpty(duration), "end", "it is missing", "an end, or a duration in its place");
        var begins = from ?? now;

        // What was refused already is not to be refused once more for what follows from it.
        var ends = until is { } told && from is not null ? told : begins + (length is { } lasts && lasts < DateTimeOffset.MaxValue - begins ? lasts : TimeSpan.FromHours(1));
        return (begins, ends);
    }

    /// <summary>The first of the names when it was refused; the spelling may have dashes and underscores, and any case.</summary>
    public T Choice<T>(string path, string? text, T absent) where T : struct, Enum
    {
        if (string.IsNullOrEmpty(text))
        {
            return absent;
        }

        var plain = text.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);
        var names = Enum.GetNames<T>().Where(static name => name != "Absent").ToArray();
        if (Array.Find(names, name => string.Equals(name, plain, StringComparison.OrdinalIgnoreCase)) is { } found)
        {
            return Enum.Parse<T>(found);
        }

        Refuse(path, $"\"{text}\" is not allowed", string.Join(", ", names.Select(Names.Camel)));
        return Enum.Parse<T>(names[0]);
    }

    /// <summary>A node by its name as people write it: <c>node-3</c> for <c>n-node-3</c>.</summary>
    public NodeId? Node(string path, string? name)
    {
        if (NodeId.TryParse(name?.StartsWith("n-", StringComparison.Ordinal) == true ? name : "n-" + name, out var node))
        {
            return node;
        }

        Refuse(path, $"\"{name}\" names no node", "names as the list of nodes has them");
        return null;
    }

    public void Add(IEnumerable<ArrangementRefusal> refusals)
    {
        foreach (var refusal in refusals.Where(refusal => !HasProblemOf(refusal.Field)))
        {
            problems.Add(Problem(refusal.Field, refusal.Problem));
        }
    }

    /// <exception cref="ProblemException">Something is wrong.</exception>
    public void Throw()
    {
        if (problems.Count > 0)
        {
            throw Refusal([.. problems]);
        }
    }

    /// <summary>What a grain said in one text: "field: what is wrong; field: what is wrong".</summary>
    public static ProblemException Refused(string text)
    {
        var problems = new List<InputProblem>();
        foreach (var part in Boundary().Split(text))
        {
            var colon = part.IndexOf(": ", StringComparison.Ordinal);
            problems.Add(colon > 0 ? Problem(part[..colon], part[(colon + 2)..]) : Problem("", part));
        }

        return Refusal(problems);
    }

    private static ProblemException Refusal(List<InputProblem> problems)
    {
        var title = problems.Count == 1 ? $"{(problems[0].Path.Length > 0 ? problems[0].Path + ": " : "")}{problems[0].Message}." : $"{problems.Count} members are wrong; nothing was changed.";
        var status = problems.TrueForAll(static problem => problem.Path is "status" or "state" or "cancellable" or "preemptible") ? 409
            : problems is [{ Path: "id" or "conflict" or "attempt" } one] && one.Message.StartsWith("there is no ", StringComparison.Ordinal) ? 404
            : problems is [{ Path: "owner" or "target" } other] && other.Allowed?.Contains("operator", StringComparison.Ordinal) == true ? 403
            : 422;
        return new(new() { Status = status, Title = title, Problems = [.. problems] });
    }

    /// <summary>The part behind the first semicolon says what is allowed.</summary>
    private static InputProblem Problem(string path, string text)
    {
        var end = text.TrimEnd('.');
        var allowed = end.IndexOf("; ", StringComparison.Ordinal);
        return allowed < 0 ? new() { Path = path, Message = end } : new() { Path = path, Message = end[..allowed], Allowed = end[(allowed + 2)..] };
    }

    [GeneratedRegex(@"; (?=[a-z][a-z_0-9.\-\[\]]*: )")]
    private static partial Regex Boundary();
}
