using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Silo.Gateway.Accounts;
using Orchestrator.Silo.Gateway.Audit;
using Orchestrator.Silo.Gateway.Campaigns;
using Orchestrator.Silo.Gateway.Clusters;
using Orchestrator.Silo.Gateway.Events;
using Orchestrator.Silo.Gateway.Failures;
using Orchestrator.Silo.Gateway.Metrics;
using Orchestrator.Silo.Gateway.Nodes;
using Orchestrator.Silo.Gateway.Silos;
using Orchestrator.Silo.Gateway.Scenarios;
using Orchestrator.Silo.Gateway.Simulations;
using Orchestrator.Silo.Gateway.Tokens;

namespace Orchestrator.Silo.Gateway;

/// <summary>Puts the gateway together: one class for each resource.</summary>
internal static class GatewayExtensions
{
    public static IServiceCollection AddGateway(this IServiceCollection services)
    {
        services.AddRoutingCore();
        services.ConfigureHttpJsonOptions(static options => WireJson.Apply(options.SerializerOptions));
        services.AddSingleton<Pipeline>();
        services.AddSingleton<SubmissionChecks>();
        services.AddSingleton<CampaignSubmission>();
        services.AddSingleton<SimulationAccess>();
        services.AddSingleton<StageAdditions>();
        services.AddSingleton<ExplanationWriter>();
        services.AddSingleton<TimelineWriter>();
        services.AddSingleton<NodeOwners>();
        services.AddSingleton<ClusterAccess>();
        services.AddSingleton<MetricsCollector>();
        services.AddGatewayDocument();
        return services;
    }

    public static void MapGateway(this WebApplication application)
    {
        application.Use(SayWhatIsMissingAsync);
        application.UseRouting();
        application.MapOpenApi();
        var routes = new Routes(application, application.Services.GetRequiredService<Pipeline>());
        HealthRoutes.Map(application);
        StatusRoutes.Map(routes);
        MetricsRoutes.Map(routes);
        CampaignRoutes.Map(routes);
        SimulationRoutes.Map(routes);
        PlannedRoutes.Map(routes);
        StageRoutes.Map(routes);
        TaskRoutes.Map(routes);
        LogRoutes.Map(routes);
        EventRoutes.Map(routes);
        FailureRoutes.Map(routes);
        AuditRoutes.Map(routes);
        NodeRoutes.Map(routes);
        AgentRoutes.Map(routes);
        ClusterRoutes.Map(routes);
        WindowRoutes.Map(routes);
        ReservationRoutes.Map(routes);
        PriorityRoutes.Map(routes);
        MigrationRoutes.Map(routes);
        PolicyRoutes.Map(routes);
        PlanRoutes.Map(routes);
        AccountRoutes.Map(routes);
        ScenarioRoutes.Map(routes);
        TokenRoutes.Map(routes);
        MaintenanceRoutes.Map(routes);
    }

    /// <summary>Paths and methods that do not exist get a problem too.</summary>
    private static async Task SayWhatIsMissingAsync(HttpContext http, RequestDelegate next)
    {
        await next(http);
        if (http.Response is { HasStarted: false, StatusCode: StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed, ContentLength: null, ContentType: null })
        {
            var problem = new Problem
            {
                Status = http.Response.StatusCode,
                Title = http.Response.StatusCode == StatusCodes.Status404NotFound
                    ? $"Nothing is at {http.Request.Path}; /openapi/v1.json lists what is."
                    : $"{http.Request.Method} is not possible at {http.Request.Path}; {http.Response.Headers.Allow} is.",
            };
            http.Response.ContentType = "application/problem+json; charset=utf-8";
            await http.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(problem, WireJson.Options), http.RequestAborted);
        }
    }
}
