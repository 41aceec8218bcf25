using Orchestrator.Simulation.Tests.Worlds;

namespace Orchestrator.Simulation.Tests.Service;

/// <summary>What a grain does around its machine, as the grain of the same name in Orchestrator.Grains does it.</summary>
internal abstract class Shell(Activation activation)
{
    /// <summary>Its calls interleave at every await.</summary>
    public virtual bool IsReentrant => false;

    protected Activation Activation => activation;

    protected Cluster Service => activation.Service;

    protected World World => activation.World;

    protected string Key => activation.Key;

    protected DateTimeOffset Now => activation.Clock;

    /// <exception cref="CallFailedException">It could not be read.</exception>
    public abstract Task ActivateAsync();

    public virtual Task ReceiveReminderAsync() => Task.CompletedTask;

    protected Task<Answer<T>> CallAsync<TShell, T>(string key, Func<TShell, Task<T>> call, TimeSpan? deadline = null)
        where TShell : Shell => Service.CallAsync(activation, key, call, deadline ?? TimeSpan.FromSeconds(10));

    /// <summary>A one-way call: it may vanish, and nobody hears of it.</summary>
    protected void Nudge<TShell>(string key, Func<TShell, Task> call)
        where TShell : Shell => Service.Tell(activation, key, call);
}
