namespace Orchestrator.Cli.Demo;

/// <summary>What the demo showed.</summary>
internal sealed record DemoResult
{
    public int Simulations { get; init; }

    public int Completed { get; init; }

    /// <summary>Simulations whose outputs equal those of an undisturbed run byte for byte.</summary>
    public int Identical { get; init; }

    /// <summary>Attempts that were lost with the killed node and went on elsewhere.</summary>
    public int Recovered { get; init; }

    public long StepsAgain { get; init; }

    public double Seconds { get; init; }

    public string Folder { get; init; } = "";

    /// <summary>Everything completed, something was lost and went on, and nothing of it can be seen in the results.</summary>
    public bool Succeeded => Completed == Simulations && Identical == Simulations && Recovered > 0;
}
