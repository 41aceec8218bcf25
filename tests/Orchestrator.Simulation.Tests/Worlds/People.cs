using Orchestrator.Core.Workflows;
using Orchestrator.Simulation.Tests.Nodes;
using Orchestrator.Simulation.Tests.Service;

namespace Orchestrator.Simulation.Tests.Worlds;

/// <summary>Who submits and gives orders, over the gateway of any silo.</summary>
internal static class People
{
    /// <summary>Submits until it is accepted; a repeat is accepted, too.</summary>
    public static void Submit(Lab lab, SimulationDefinition definition, Behaviour[] programs, int order)
    {
        lab.Describe(definition, programs);
        var person = new Host(lab.World, "person");
        person.Start(async () =>
        {
            while (true)
            {
                var answer = await lab.Service.GatewayAsync(
                    person,
                    async silo => (await lab.Service.CallAsync<SimulationShell, bool>(silo, definition.Id.Value, simulation => simulation.SubmitAsync(definition, order), TimeSpan.FromSeconds(10))).OrThrow(),
                    TimeSpan.FromSeconds(15));
                if (answer is { Arrived: true, Value: true })
                {
                    lab.World.Say(definition.Id.Value, "is accepted");
                    lab.Accepted(definition, programs);
                    return;
                }

                await person.DelayAsync(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));
            }
        });
    }

    /// <summary>One order, again and again until it is heard if he insists. One that was given in trouble and arrives in peace is not heard: it could take back what peace brought.</summary>
    public static void Insist<TShell>(Lab lab, string key, Func<TShell, Task<bool>> order, bool insists)
        where TShell : Shell
    {
        var person = new Host(lab.World, "person");
        person.Start(async () =>
        {
            bool isHeard;
            do
            {
                var answer = await lab.Service.GatewayAsync(person, async silo => (await lab.Service.CallAsync<TShell, bool>(silo, key, shell => insists || !lab.IsAtPeace ? order(shell) : Task.FromResult(false), TimeSpan.FromSeconds(10))).OrThrow(), TimeSpan.FromSeconds(15));
                isHeard = answer.Arrived;
                if (!isHeard)
                {
                    await person.DelayAsync(TimeSpan.FromSeconds(2));
                }
            }
            while (insists && !isHeard);
        });
    }
}
