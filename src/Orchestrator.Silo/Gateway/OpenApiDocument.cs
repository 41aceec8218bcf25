using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Orchestrator.Silo.Gateway;

/// <summary>The document at <c>/openapi/v1.json</c>, made from the operations when somebody asks for it.</summary>
internal static class OpenApiDocument
{
    public static IServiceCollection AddGatewayDocument(this IServiceCollection services) => services.AddOpenApi(static options =>
    {
        options.AddDocumentTransformer(static (document, _, _) =>
        {
            document.Info = new()
            {
                Title = "Orchestrator",
                Version = "v1",
                Description = "Errors are application/problem+json with every mistake of the input. Changes take an Idempotency-Key: a repeat with the same key has one effect and gets the first answer.",
            };
            document.Servers = [];
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(static (described, context, _) =>
        {
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<Operation>().FirstOrDefault() is not { } operation)
            {
                return Task.CompletedTask;
            }

            described.Parameters ??= [];
            foreach (var segment in (context.Description.RelativePath ?? "").Split('/').Where(static part => part is ['{', .., '}']))
            {
                described.Parameters.Add(Parameter(segment[1..^1], "", ParameterLocation.Path));
            }

            foreach (var (name, description) in operation.Query.Select(static parameter => (parameter.Name, parameter.Description)))
            {
                described.Parameters.Add(Parameter(name, description, ParameterLocation.Query));
            }

            if (operation.Action is not null)
            {
                described.Parameters.Add(Parameter("Idempotency-Key", "Makes repeats of this request one request.", ParameterLocation.Header));
            }

            described.Description = $"Role: {operation.Role.ToString().ToLowerInvariant()}.";
            return Task.CompletedTask;
        });
    });

    private static OpenApiParameter Parameter(string name, string description, ParameterLocation place) => new()
    {
        Name = name,
        Description = description.Length == 0 ? null : description,
        In = place,
        Required = place == ParameterLocation.Path,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };
}
