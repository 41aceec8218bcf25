namespace Orchestrator.Core.Scenarios.Curves;

/// <summary>Decides which configuration is trained next, one epoch at a time. It sees losses only of epochs that were trained.</summary>
internal interface ICurvePolicy
{
    /// <summary>The place, in the shuffled order, of the configuration to train for one more epoch; -1: there is nothing left to train.</summary>
    int Next();

    /// <summary>What the epoch gave: how many epochs this configuration has now, and its loss, NaN where training gave none.</summary>
    void Observe(int configuration, int epochs, double loss);
}
