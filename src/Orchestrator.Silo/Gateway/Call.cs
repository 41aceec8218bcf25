using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Core.Ids;

namespace Orchestrator.Silo.Gateway;

/// <summary>One request, as its handler sees it.</summary>
internal sealed class Call(HttpContext http, Caller caller, Operation operation, ReadOnlyMemory<byte> body)
{
    private const int SubjectLengthMax = 200;

    public HttpContext Http => http;

    public Caller Caller => caller;

    /// <summary>Empty when there was none.</summary>
    public ReadOnlyMemory<byte> Body => body;

    /// <summary>What the audit row is about, so that it is found there; by default the id or the name of the route. A handler whose body names it says so as soon as it has read it, so that refusals have it, too.</summary>
    public string? Subject
    {
        get => field ?? SubjectOf(http);
        set => field = value is { Length: > SubjectLengthMax } ? value[..SubjectLengthMax] : value is "" ? null : value;
    }

    public Query Query { get; } = new(http.Request.Query, [.. operation.Query.Select(static parameter => parameter.Name)]);

    /// <summary>The caller hung up.</summary>
    public CancellationToken Cancellation => http.RequestAborted;

    public string Route(string name) => (string)http.Request.RouteValues[name]!;

    /// <exception cref="ProblemException">It is not of the form of such an id.</exception>
    public T Id<T>(string name = "id") where T : struct, IId<T>
    {
        try
        {
            return T.Parse(Route(name));
        }
        catch (InvalidIdException error)
        {
            throw ProblemException.Invalid(new InputProblem { Path = name, Message = error.Message.TrimEnd('.'), Allowed = $"\"{T.Prefix}-\" and 1 to 120 letters, digits, '.', '_' and '-'" });
        }
    }

    /// <exception cref="ProblemException">It is no JSON of that form.</exception>
    public T Read<T>() where T : class => TryRead<T>() ?? throw ProblemException.Invalid(new InputProblem { Path = "", Message = "the body is empty", Allowed = "a JSON document" });

    /// <summary>Null without a body.</summary>
    /// <exception cref="ProblemException">It is no JSON of that form.</exception>
    public T? TryRead<T>() where T : class
    {
        if (body.IsEmpty)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<T>(body.Span, WireJson.Options);
        }
        catch (JsonException error)
        {
            throw ProblemException.Invalid(new InputProblem
            {
                Line = (int)(error.LineNumber ?? -1) + 1,
                Column = (int)(error.BytePositionInLine ?? -1) + 1,
                Path = (error.Path ?? "").TrimStart('$').TrimStart('.'),
                Message = "the body cannot be read: " + Reason(error),
                Allowed = "JSON as the document /openapi/v1.json describes",
            });
        }
        catch (Exception error) when (error is InvalidIdException or NotSupportedException or ArgumentException)
        {
            throw ProblemException.Invalid(new InputProblem { Path = "", Message = error.Message.TrimEnd('.'), Allowed = "JSON as the document /openapi/v1.json describes" });
        }
    }

    /// <summary>An order of a person, of which nothing is to be passed over (<see cref="BodyMembers"/>).</summary>
    /// <exception cref="ProblemException">It is no JSON of that form, or says what nobody would read.</exception>
    public T ReadOrder<T>() where T : class => TryReadOrder<T>() ?? Read<T>();

    /// <summary>The same; null without a body.</summary>
    /// <exception cref="ProblemException">It is no JSON of that form, or says what nobody would read.</exception>
    public T? TryReadOrder<T>() where T : class
    {
        var order = TryRead<T>();
        if (order is not null)
        {
            BodyMembers.Check(body, typeof(T));
        }

        return order;
    }

    /// <exception cref="ProblemException">It is not UTF-8.</exception>
    public string ReadText()
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(body.Span.StartsWith("\uFEFF"u8) ? body.Span[3..] : body.Span);
        }
        catch (DecoderFallbackException)
        {
            throw ProblemException.Invalid(new InputProblem { Path = "", Message = "the body is not text", Allowed = "UTF-8" });
        }
    }

    /// <summary>What the route names; null: nothing.</summary>
    public static string? SubjectOf(HttpContext http) => http.Request.RouteValues.TryGetValue("id", out var id) || http.Request.RouteValues.TryGetValue("name", out id) ? id as string : null;

    private static string Reason(JsonException error)
    {
        var message = error.InnerException is InvalidIdException inner ? inner.Message : error.Message;
        var end = message.IndexOf(" Path: ", StringComparison.Ordinal);
        return (end < 0 ? message : message[..end]).TrimEnd('.');
    }
}
