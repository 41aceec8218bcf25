using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orchestrator.Core;
using Orchestrator.Storage;

namespace Orchestrator.Silo.Gateway.Silos;

/// <summary>For whoever watches over the process: no token, and nothing to learn but yes or no.</summary>
internal static class HealthRoutes
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/health/live", (RequestDelegate)(static http => http.Response.WriteAsync("live\n", http.RequestAborted)));
        var events = endpoints.ServiceProvider.GetRequiredService<IEventLog>();
        var lifetime = endpoints.ServiceProvider.GetRequiredService<IHostApplicationLifetime>();
        endpoints.MapGet("/health/ready", (RequestDelegate)(async http =>
        {
            var ready = lifetime.ApplicationStarted.IsCancellationRequested && !lifetime.ApplicationStopping.IsCancellationRequested;
            try
            {
                await events.LastPositionAsync(http.RequestAborted);
            }
            catch (OrchestratorException)
            {
                // Whatever the database has to say, it is in the log of who needed it.
                ready = false;
            }

            http.Response.StatusCode = ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
            await http.Response.WriteAsync(ready ? "ready\n" : "not ready\n", http.RequestAborted);
        }));
    }
}
