using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Silo.Gateway.Simulations;

/// <summary>Simulations, for those who may see or change them; for all others they do not exist.</summary>
internal sealed class SimulationAccess(IGrainFactory grains)
{
    public async Task<SimulationView> SeeAsync(Call call)
    {
        var id = call.Id<SimulationId>();
        var view = await grains.GetGrain<ISimulationGrain>(id.Value).GetAsync(call.Cancellation);
        return view is null || !call.Caller.Sees(view.Owner) ? throw ProblemException.NotFound($"The simulation {id}") : view;
    }

    /// <summary>The workers of a stage with tasks, for those who may change the simulation.</summary>
    /// <param name="call">The call.</param>
    /// <param name="stage">The stage, or one of its workers.</param>
    public async Task<TaskWorkersView> ControlTasksAsync(Call call, string stage)
    {
        var id = call.Id<SimulationId>();
        var workers = await grains.GetGrain<ISimulationGrain>(id.Value).GetTaskWorkersAsync(stage, call.Cancellation);
        return workers is null || !call.Caller.Sees(workers.Owner) ? throw ProblemException.NotFound($"The simulation {id}")
            : !call.Caller.Controls(workers.Owner) ? throw ProblemException.Forbidden($"{id} is {workers.Owner.User}'s; an operator may change it.")
            : workers.Workers.IsEmpty ? throw ProblemException.NotFound($"The stage {stage} with tasks in {id}")
            : workers;
    }

    public async Task<SimulationView> ControlAsync(Call call)
    {
        var view = await SeeAsync(call);
        return call.Caller.Controls(view.Owner) ? view : throw ProblemException.Forbidden($"{view.Id} is {view.Owner.User}'s; an operator may change it.");
    }
}
