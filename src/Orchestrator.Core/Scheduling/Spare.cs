namespace Orchestrator.Core.Scheduling;

/// <summary>How long arrays are made that are kept from plan to plan.</summary>
internal static class Spare
{
    /// <summary>As long as is wanted the first time, since many a workspace makes one plan and is forgotten; longer by half when it grows, so that it seldom does.</summary>
    public static int Length(int before, int wanted) => before == 0 ? wanted : wanted + (wanted / 2);
}
