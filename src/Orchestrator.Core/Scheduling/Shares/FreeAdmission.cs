namespace Orchestrator.Core.Scheduling.Shares;

/// <summary>Where a rule has nothing to hold: everything may start.</summary>
internal sealed class FreeAdmission : IAdmission
{
    public static readonly FreeAdmission Instance = new();

    public WaitReason? Refusal(PendingRequest request) => null;

    public void Start(PendingRequest request, Placement placement)
    {
    }
}
