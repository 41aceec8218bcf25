// Registers a node, submits a simulation and follows its events. Start `orchestrator up` first, and an agent to run what is submitted.
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Client;
using Orchestrator.Client.Events;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Workflows;

using var client = OrchestratorClient.ForDirectory();

// What an agent does when it starts. Nobody sends heartbeats for this node, so it is given up after the detection window; it is too small for the stage below,
// which goes to a node with an agent (`orchestrator agent`).
var node = new NodeRegistration { Node = new NodeId("n-example"), Cluster = new ClusterId("k-main"), Instance = "example-1", Capabilities = new NodeCapabilities { Cores = 1, Memory = 64L << 20 } };
Console.WriteLine((await client.RegisterNodeAsync(node)).Accepted ? "registered n-example" : "n-example has an agent already");

var simulation = new SimulationDefinition
{
    Id = new SimulationId("s-client-example"),
    Campaign = "client-example",
    Name = "client-example",
    Owner = new Ownership { Institution = "example", Project = "first-steps" },
    Stages = [new StageDefinition { Name = "greet", Run = "echo hello > greeting", Outputs = ["greeting"], EstimatedDuration = TimeSpan.FromMinutes(1), Resources = new ResourceRequest { MemoryPerNode = 256L << 20 } }],
};
Console.WriteLine($"{simulation.Id}: {(await client.SubmitAsync(simulation)).Outcome}");

await foreach (var (_, happened) in client.ReadEventsAsync(new EventFilter { Simulation = simulation.Id }))
{
    Console.WriteLine($"{happened.At:HH:mm:ss} {happened.Text}");
    if (happened.Kind is EventKinds.SimulationCompleted or EventKinds.SimulationFailed or EventKinds.SimulationCancelled)
    {
        break;
    }
}
