namespace Orchestrator.Storage;

/// <summary>Bounds of pages, checked alike by every implementation.</summary>
internal static class Limits
{
    public const int EventPage = 10_000;
    public const int HistoryPage = 10_000;
    public const int IndexPage = 1_000;
    public const int AuditPage = 1_000;

    public static int Page(int limit, int max) =>
        limit >= 1 && limit <= max ? limit : throw new ArgumentOutOfRangeException(nameof(limit), limit, $"A page holds 1 to {max} rows.");
}
