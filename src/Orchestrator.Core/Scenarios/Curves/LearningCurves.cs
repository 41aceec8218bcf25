using System.Collections.Immutable;

namespace Orchestrator.Core.Scenarios.Curves;

/// <summary>Configurations whose loss after each epoch of training is tabulated, so that a policy can be replayed on them without training anything.</summary>
public sealed record LearningCurves
{
    /// <summary>The file, for messages.</summary>
    public string Name { get; init; } = "";

    /// <summary>In the order of the file.</summary>
    public ImmutableArray<LearningCurve> Configurations { get; init; } = [];

    /// <summary>The columns that say what a configuration is, such as its learning rate; not those of losses.</summary>
    public ImmutableArray<string> Parameters { get; init; } = [];

    /// <summary>Epochs of all curves together: what training everything to the end costs.</summary>
    public long TotalEpochs => Configurations.Sum(static curve => (long)curve.Epochs);
}

/// <summary>One configuration.</summary>
public sealed record LearningCurve
{
    /// <summary>As the file names it.</summary>
    public string Name { get; init; } = "";

    /// <summary>In the order of <see cref="LearningCurves.Parameters"/>; NaN where the file has nothing or no number.</summary>
    public ImmutableArray<double> Parameters { get; init; } = [];

    /// <summary>The loss after 0, 1, 2, ... epochs; lower is better. NaN where training gave no finite loss: such an epoch costs what every epoch costs and gives nothing.</summary>
    public ImmutableArray<double> Losses { get; init; } = [];

    /// <summary>How many epochs there are to train.</summary>
    public int Epochs => Math.Max(0, Losses.Length - 1);
}
