using Microsoft.Extensions.DependencyInjection;
using Orleans.Activations;

namespace Orleans.Runtime;

internal static class PersistentStates
{
    /// <summary>Makes the state of a constructor parameter; it is read before the grain is activated.</summary>
    public static object Create<TState>(Activation activation, IPersistentStateConfiguration configuration)
    {
        var state = new PersistentState<TState>(activation, configuration.StateName, StorageOf(activation, configuration.StorageName));
        activation.ObservableLifecycle.Subscribe(configuration.StateName, GrainLifecycleStage.SetupState, _ => state.ReadStateAsync());
        return state;
    }

    public static Storage.IGrainStorage StorageOf(IGrainContext context, string? name) =>
        name is null
            ? context.ActivationServices.GetService<Storage.IGrainStorage>() ?? throw new InvalidOperationException($"No default storage provider is configured, which grain {context.GrainId} needs.")
            : context.ActivationServices.GetKeyedService<Storage.IGrainStorage>(name) ?? throw new InvalidOperationException($"No storage provider named \"{name}\" is configured, which grain {context.GrainId} needs.");
}

/// <summary>A state of a grain, with the version that storage gave it.</summary>
internal sealed class PersistentState<TState>(Activation activation, string stateName, Storage.IGrainStorage storage) : IPersistentState<TState>
{
    private readonly GrainState<TState> held = new();

    public TState State
    {
        get => held.State;
        set => held.State = value;
    }

    public string? Etag => held.ETag;

    public bool RecordExists => held.RecordExists;

    public Task ReadStateAsync() => storage.ReadStateAsync(stateName, activation.GrainId, held);

    public Task WriteStateAsync() => GuardAsync(storage.WriteStateAsync(stateName, activation.GrainId, held));

    public Task ClearStateAsync() => GuardAsync(storage.ClearStateAsync(stateName, activation.GrainId, held));

    // A grain whose state is out of date is of no use: the next call gets a new activation.
    private async Task GuardAsync(Task change)
    {
        try
        {
            await change;
        }
        catch (Storage.InconsistentStateException error)
        {
            activation.Deactivate(new(DeactivationReasonCode.ApplicationError, error, "State is out of date."));
            throw;
        }
    }
}
