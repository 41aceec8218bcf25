namespace Orchestrator.Storage.Tests;

/// <summary>What a behaviour is checked over; every store behaves alike over each.</summary>
public enum Over
{
    Memory = 1,
    Sqlite = 2,
    PostgreSql = 3,
}
