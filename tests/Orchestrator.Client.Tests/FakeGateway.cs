using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Gateway;

namespace Orchestrator.Client.Tests;

/// <summary>A web server on a Unix socket that answers from a script, one entry a request, and records what it was asked.</summary>
internal sealed class FakeGateway : IAsyncDisposable
{
    private readonly ConcurrentQueue<Func<HttpContext, Task>> script = new();
    private readonly ConcurrentQueue<SeenRequest> seen = new();
    private readonly string folder = Directory.CreateTempSubdirectory("orchestrator-client-").FullName;
    private WebApplication? server;

    /// <summary>The data directory by which a client finds it.</summary>
    public string Data => folder;

    public string Socket => Path.Combine(folder, "gateway.sock");

    public IReadOnlyList<SeenRequest> Seen => [.. seen];

    public static async Task<FakeGateway> StartAsync()
    {
        var gateway = new FakeGateway();
        await gateway.ListenAsync();
        return gateway;
    }

    /// <summary>A gateway that writes where it listens, as the real one does.</summary>
    public async Task ListenAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(Socket));
        server = builder.Build();
        server.Run(AnswerAsync);
        await server.StartAsync(TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, EndpointFile.FileName), JsonSerializer.Serialize(new EndpointFile { Socket = Socket }, WireJson.Options), TestContext.Current.CancellationToken);
    }

    /// <summary>Gone without a word, as after a kill: the files stay.</summary>
    public async Task CrashAsync()
    {
        if (server is not null)
        {
            await server.DisposeAsync();
            server = null;
        }

        // Kestrel removes its socket; a killed process leaves it.
        await File.WriteAllTextAsync(Socket, "", TestContext.Current.CancellationToken);
    }

    public FakeGateway Then(Func<HttpContext, Task> answer)
    {
        script.Enqueue(answer);
        return this;
    }

    public FakeGateway ThenJson(object body, int status = 200, string type = "application/json") => Then(async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        await context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(body, WireJson.Options));
    });

    public FakeGateway ThenStatus(int status) => Then(context =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    });

    /// <summary>Reads the request and hangs up without an answer.</summary>
    public FakeGateway ThenHangUp() => Then(static context =>
    {
        context.Abort();
        return Task.CompletedTask;
    });

    /// <summary>Server-sent text, then the end of the stream.</summary>
    public FakeGateway ThenEvents(string text) => Then(async context =>
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync(text);
    });

    /// <summary>Every scripted answer was asked for.</summary>
    public void AssertNothingElse() => script.ShouldBeEmpty();

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            await server.DisposeAsync();
        }

        Directory.Delete(folder, recursive: true);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        seen.Enqueue(new SeenRequest(
            context.Request.Method,
            context.Request.Path + context.Request.QueryString,
            context.Request.Headers["Idempotency-Key"].ToString(),
            context.Request.Headers["Last-Event-ID"].ToString(),
            context.Request.Headers.Authorization.ToString(),
            await reader.ReadToEndAsync()));
        if (script.TryDequeue(out var answer))
        {
            await answer(context);
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status418ImATeapot;
        }
    }
}

internal sealed record SeenRequest(string Method, string Path, string Key, string LastEvent, string Authorization, string Body);
