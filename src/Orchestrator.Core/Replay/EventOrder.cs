namespace Orchestrator.Core.Replay;

/// <summary>When the scheduler is asked, where several things happen at one moment.</summary>
public enum EventOrder
{
    Absent = 0,

    /// <summary>
    /// After each of them: first the submissions in their order, then the ends in the order of the starts; what a job holds whose requested time is up at this moment is free before
    /// all of them. So does the simulator of the published results.
    /// </summary>
    OneByOne = 1,

    /// <summary>Once, after all of them. So does the service, which coalesces what happens while a plan is made.</summary>
    PerMoment = 2,
}
