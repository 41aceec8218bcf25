using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Ids;

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

    public async Task<SimulationView> ControlAsync(Call call)
    {
        var view = await SeeAsync(call);
        return call.Caller.Controls(view.Owner) ? view : throw ProblemException.Forbidden($"{view.Id} is {view.Owner.User}'s; an operator may change it.");
    }
}
