using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Orchestrator.Abstractions.Gateway;

namespace Orchestrator.Silo.Gateway;

/// <summary>Ends a request with a problem; nothing was changed. It never leaves the gateway.</summary>
internal sealed class ProblemException(Problem problem) : Exception(problem.Title)
{
    public Problem Problem { get; } = problem;

    public static ProblemException NotFound(string what) => new(new() { Status = StatusCodes.Status404NotFound, Title = $"{what} does not exist, or is not yours to see." });

    public static ProblemException Forbidden(string title) => new(new() { Status = StatusCodes.Status403Forbidden, Title = title });

    public static ProblemException Conflict(string title) => new(new() { Status = StatusCodes.Status409Conflict, Title = title });

    public static ProblemException Invalid(string title, params ReadOnlySpan<InputProblem> problems) =>
        new(new() { Status = StatusCodes.Status400BadRequest, Title = title, Problems = [.. problems] });

    public static ProblemException Invalid(InputProblem problem) => Invalid($"{problem.Path}: {problem.Message}.", problem);

    /// <summary>Well-formed, and wrong in what it says.</summary>
    public static ProblemException Unprocessable(string title, ImmutableArray<InputProblem> problems) =>
        new(new() { Status = StatusCodes.Status422UnprocessableEntity, Title = title, Problems = problems });
}
