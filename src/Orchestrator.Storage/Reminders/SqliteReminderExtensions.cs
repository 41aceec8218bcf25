using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Hosting;

namespace Orchestrator.Storage;

/// <summary>Adds reminders over SQLite to a silo that has <see cref="OrchestratorDatabase"/>.</summary>
public static class SqliteReminderExtensions
{
    /// <summary>Adds reminders and keeps them in the database. A repeat adds nothing.</summary>
    public static ISiloBuilder UseSqliteReminderService(this ISiloBuilder builder) => builder.ConfigureServices(services =>
    {
        services.AddReminders();
        services.TryAddSingleton<IReminderTable, SqliteReminderTable>();
    });
}
