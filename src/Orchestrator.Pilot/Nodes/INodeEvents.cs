namespace Orchestrator.Pilot.Nodes;

/// <summary>Whom a node reports to. Called under the gate.</summary>
internal interface INodeEvents
{
    object Gate { get; }

    void Ended(TaskEnd end);

    /// <summary>Tells the person who watches.</summary>
    void Warn(string text);

    /// <summary>Starts what there is room for. Called after any number of ends.</summary>
    void Pump();

    /// <summary>The node is gone, with all it had.</summary>
    void Lost(ITaskNode node, string reason);
}
