namespace Orchestrator.Grains.Tests.Hosting;

/// <summary>The database under a test cluster.</summary>
public enum Over
{
    Sqlite = 1,
    PostgreSql = 2,
}
