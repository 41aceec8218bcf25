namespace Orchestrator.Core.Scheduling;

/// <summary>Whether a node has power.</summary>
[GenerateSerializer, Alias("orchestrator.power-state")]
public enum PowerState
{
    Absent = 0,
    On = 1,
    SwitchingOff = 2,
    Off = 3,
    SwitchingOn = 4,
}
