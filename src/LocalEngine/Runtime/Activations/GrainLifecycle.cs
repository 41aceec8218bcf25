using Orleans.Runtime;

namespace Orleans.Local;

/// <summary>The start and end of an activation. Nothing moves in the local engine, so migration participants are never asked.</summary>
internal sealed class GrainLifecycle : StagedLifecycle, IGrainLifecycle
{
    public void AddMigrationParticipant(IGrainMigrationParticipant participant) => ArgumentNullException.ThrowIfNull(participant);

    public void RemoveMigrationParticipant(IGrainMigrationParticipant participant) => ArgumentNullException.ThrowIfNull(participant);
}
