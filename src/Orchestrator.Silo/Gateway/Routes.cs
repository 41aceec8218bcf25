using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Abstractions.Gateway;

namespace Orchestrator.Silo.Gateway;

/// <summary>Maps operations. Handlers are plain delegates: nothing is compiled at the start, and each request takes the same way.</summary>
internal sealed class Routes(IEndpointRouteBuilder endpoints, Pipeline pipeline)
{
    public IServiceProvider Services => endpoints.ServiceProvider;

    public T Get<T>() where T : notnull => endpoints.ServiceProvider.GetRequiredService<T>();

    public void Map(string method, string pattern, Operation operation, Func<Call, Task<Reply>> handler)
    {
        RequestDelegate run = http => pipeline.RunAsync(http, operation, handler);
        var route = endpoints.MapMethods(pattern, [method], run);

        // What the OpenAPI document is made from; it needs some method to look at.
        route.WithMetadata(run.Method, operation);
        route.WithSummary(operation.Summary);
        route.WithName($"{method} {pattern}");
        var parts = pattern.Split('/', StringSplitOptions.RemoveEmptyEntries);
        route.WithTags(parts.Length > 1 ? parts[1] : parts[0]);
        route.WithMetadata(new Produced(operation.Status, operation.Returns, operation.Returns is null ? [] : [operation.ReturnsMedia]), new Produced(default, typeof(Problem), ["application/problem+json"]));
        if (operation.Takes is { } takes)
        {
            // Any media type is let through: what the body says decides, and tools send what they send.
            route.WithMetadata(new AcceptsMetadata([operation.TakesMedia, "*/*"], takes, isOptional: false));
        }
    }

    private sealed record Produced(int StatusCode, Type? Type, IEnumerable<string> ContentTypes) : IProducesResponseTypeMetadata;
}
