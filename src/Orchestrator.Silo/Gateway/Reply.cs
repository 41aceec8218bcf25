using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Gateway;

namespace Orchestrator.Silo.Gateway;

/// <summary>What goes out: whole, so that it can be kept for repeats of the request.</summary>
internal sealed record Reply
{
    /// <summary>The handler wrote to the response itself.</summary>
    public static Reply Written { get; } = new();

    public static Reply Empty { get; } = new() { Status = StatusCodes.Status204NoContent };

    public int Status { get; init; }

    public string? ContentType { get; init; }

    public string? Location { get; init; }

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>What the audit row says: "accepted" unless the handler knows better.</summary>
    public string Outcome { get; init; } = "accepted";

    /// <summary>Further facts for the audit row.</summary>
    public string? Details { get; init; }

    public static Reply Json<T>(T body, int status = StatusCodes.Status200OK) =>
        new() { Status = status, ContentType = "application/json; charset=utf-8", Body = JsonSerializer.SerializeToUtf8Bytes(body, WireJson.Options) };

    public static Reply Of(Problem problem) => new()
    {
        Status = problem.Status,
        ContentType = "application/problem+json; charset=utf-8",
        Body = JsonSerializer.SerializeToUtf8Bytes(problem, WireJson.Options),
        Outcome = "refused",
        Details = problem.Title,
    };

    public async Task WriteAsync(HttpContext http)
    {
        if (ReferenceEquals(this, Written) || http.Response.HasStarted)
        {
            return;
        }

        http.Response.StatusCode = Status;
        if (Location is not null)
        {
            http.Response.Headers.Location = Location;
        }

        if (Body.IsEmpty)
        {
            return;
        }

        http.Response.ContentType = ContentType;
        http.Response.ContentLength = Body.Length;
        http.Response.Headers.CacheControl = "no-store";
        await http.Response.Body.WriteAsync(Body, http.RequestAborted);
    }
}
