using System.Globalization;
using Microsoft.AspNetCore.Http;
using Orchestrator.Abstractions.Gateway;

namespace Orchestrator.Silo.Gateway;

/// <summary>The query of a request. Reading collects what is wrong with it; <see cref="Check"/> then refuses with all of it at once.</summary>
internal sealed class Query(IQueryCollection values, IReadOnlyList<string> known)
{
    private readonly List<InputProblem> problems = [];

    public string? Text(string name) => values.TryGetValue(name, out var text) && text.Count > 0 ? text[^1] : null;

    /// <summary>All values of a name that may be given several times, or with commas.</summary>
    public IReadOnlyList<string> Texts(string name) =>
        values.TryGetValue(name, out var texts) ? [.. texts.SelectMany(static text => (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))] : [];

    public long Number(string name, long least, long most, long absent)
    {
        if (Text(name) is not { } text)
        {
            return absent;
        }

        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
        {
            return number;
        }

        Refuse(name, text, string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}"));
        return absent;
    }

    public bool? Flag(string name)
    {
        switch (Text(name))
        {
            case null:
                return null;
            case "true":
                return true;
            case "false":
                return false;
            case var text:
                Refuse(name, text, "true or false");
                return null;
        }
    }

    public T? Choice<T>(string name, string? text) where T : struct, Enum
    {
        if (text is null)
        {
            return null;
        }

        if (Array.Find(Enum.GetNames<T>(), candidate => string.Equals(candidate, text, StringComparison.OrdinalIgnoreCase)) is { } found && found != "Absent")
        {
            return Enum.Parse<T>(found);
        }

        Refuse(name, text, string.Join(", ", Enum.GetNames<T>().Where(static candidate => candidate != "Absent").Select(static candidate => char.ToLowerInvariant(candidate[0]) + candidate[1..])));
        return null;
    }

    public void Refuse(string name, string text, string allowed) =>
        problems.Add(new() { Path = name, Message = $"\"{text}\" is not allowed", Allowed = allowed });

    /// <exception cref="ProblemException">Something is wrong with the query, or it names what this resource does not know.</exception>
    public void Check()
    {
        problems.AddRange(from name in values.Keys
                          where !known.Contains(name)
                          select new InputProblem { Path = name, Message = "this resource has no such parameter", Allowed = known.Count == 0 ? "none" : string.Join(", ", known) });
        if (problems.Count > 0)
        {
            throw ProblemException.Invalid(problems.Count == 1 ? $"{problems[0].Path}: {problems[0].Message}." : $"{problems.Count} parameters are wrong.", [.. problems]);
        }
    }
}
