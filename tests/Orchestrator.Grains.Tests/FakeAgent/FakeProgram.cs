namespace Orchestrator.Grains.Tests.FakeAgent;

/// <summary>How the program of a stage behaves.</summary>
internal sealed record FakeProgram
{
    public long Steps { get; init; } = 100;

    /// <summary>Between two heartbeats.</summary>
    public long StepsPerTurn { get; init; } = 10;

    /// <summary>A step takes so long on the clock of the test, however many turns that is; null: <see cref="StepsPerTurn"/> holds.</summary>
    public TimeSpan? StepTakes { get; init; }

    /// <summary>It makes a checkpoint by itself whenever it has done so many steps; 0: only when it is asked to.</summary>
    public long CheckpointEvery { get; init; } = 20;

    /// <summary>What it says that a checkpoint costs.</summary>
    public TimeSpan CheckpointCost { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>It does not listen: no checkpoint on order, no leaving.</summary>
    public bool IsDeaf { get; init; }

    /// <summary>It exits so at the step, in its first so many attempts.</summary>
    public (long Step, int ExitStatus, int Attempts)? Fails { get; init; }
}
