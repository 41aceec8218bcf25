using Microsoft.Extensions.Hosting;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Core.Accounts;
using Orchestrator.Storage;

namespace Orchestrator.Silo.Gateway.Silos;

/// <summary>Backup and the end of the silo.</summary>
internal static class MaintenanceRoutes
{
    public static void Map(Routes routes)
    {
        var (database, lifetime, idle) = (routes.Get<OrchestratorDatabase>(), routes.Get<IHostApplicationLifetime>(), routes.Get<IdleEnd>());
        routes.Map(
            "POST", "/v1/backup",
            new() { Summary = "Copy the database while it is in use. To restore: stop, and put the copy in the place of orchestrator.db.", Role = Role.Administrator, Action = "silo.backup", Takes = typeof(BackupRequest), Returns = typeof(BackupRequest) },
            async call =>
            {
                var request = call.Read<BackupRequest>();
                if (string.IsNullOrEmpty(request.Path) || !Path.IsPathFullyQualified(request.Path) || request.Path.Contains('\0', StringComparison.Ordinal))
                {
                    throw ProblemException.Invalid(new InputProblem { Path = "path", Message = $"\"{request.Path}\" is not allowed", Allowed = "the absolute path of a file that does not exist yet" });
                }

                if (!call.Caller.SeesEverything)
                {
                    throw ProblemException.Forbidden("A backup holds everything; only an administrator of everything may make one.");
                }

                try
                {
                    await database.BackupAsync(request.Path, CancellationToken.None);
                }
                catch (NotSupportedException error)
                {
                    throw ProblemException.Conflict(error.Message);
                }
                catch (Exception error) when (error is IOException or UnauthorizedAccessException)
                {
                    throw ProblemException.Invalid(new InputProblem { Path = "path", Message = error.Message.TrimEnd('.'), Allowed = "the absolute path of a file that does not exist yet, in a directory that the silo can write" });
                }

                return Reply.Json(request) with { Details = request.Path };
            });
        routes.Map(
            "POST", "/v1/shutdown",
            new() { Summary = "End the silo in order; what runs on nodes goes on.", Role = Role.Administrator, Action = "silo.shutdown", Takes = typeof(ShutdownRequest), Status = 202 },
            call =>
            {
                if (!call.Caller.SeesEverything)
                {
                    throw ProblemException.Forbidden("Only an administrator of everything may end the silo.");
                }

                var whenIdle = call.TryRead<ShutdownRequest>()?.WhenIdle ?? false;
                if (whenIdle)
                {
                    idle.WhenIdle();
                }
                else
                {
                    // After the answer, and the audit row of it.
                    call.Http.Response.OnCompleted(() =>
                    {
                        lifetime.StopApplication();
                        return Task.CompletedTask;
                    });
                }

                return Task.FromResult(new Reply { Status = 202, Details = whenIdle ? "when idle" : "now" });
            });
    }
}

/// <summary>The body of a backup.</summary>
internal sealed record BackupRequest
{
    /// <summary>Absolute, on the machine of the silo.</summary>
    public string? Path { get; init; }
}

/// <summary>The body of a shutdown.</summary>
internal sealed record ShutdownRequest
{
    /// <summary>End once no simulation is live.</summary>
    public bool WhenIdle { get; init; }
}
