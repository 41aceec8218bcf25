using Orchestrator.Simulation.Tests.Worlds;

namespace Orchestrator.Simulation.Tests.Service;

/// <summary>
/// The silos together: where each grain is active, reminders, storage and the event log. A silo that hangs is given up by the others, and its grains are activated elsewhere while it still
/// believes to have them; once it wakes up it is told, and dies.
/// </summary>
internal sealed class Cluster
{
    private readonly World world;
    private readonly Func<string, Activation, Shell> make;
    private readonly Dictionary<string, Activation> directory = new(StringComparer.Ordinal);
    private readonly HashSet<string> reminders = new(StringComparer.Ordinal);
    private readonly List<Host> silos = [];
    private readonly HashSet<Host> givenUp = [];
    private readonly Dictionary<(Host Silo, string Key), Wake> pulses = [];
    private int starts;

    /// <param name="world">Where it is.</param>
    /// <param name="network">What connects it.</param>
    /// <param name="make">The shell of a grain, by its key.</param>
    public Cluster(World world, Network network, Func<string, Activation, Shell> make)
    {
        (this.world, Network, this.make) = (world, network, make);
        Storage = new(world);
        Log = new(Storage);
    }

    public Network Network { get; }

    public Storage Storage { get; }

    public EventLog Log { get; }

    /// <summary>Silos that count.</summary>
    public IReadOnlyList<Host> Silos => [.. silos.Where(silo => silo.IsAlive && !givenUp.Contains(silo))];

    /// <summary>All that are alive, also those that were given up and do not know it.</summary>
    public IReadOnlyList<Host> Running => [.. silos.Where(static silo => silo.IsAlive)];

    public bool HasReminder(string key) => reminders.Contains(key);

    public Host StartSilo()
    {
        var silo = new Host(world, $"silo-{++starts}");
        silos.RemoveAll(static former => !former.IsAlive);
        silos.Add(silo);
        silo.Say("starts");
        return silo;
    }

    public void KillSilo(Host silo)
    {
        silo.Say("is killed");
        silo.Kill();
        ForgetAll(silo);
    }

    /// <summary>It hangs; after a while the others go on without it.</summary>
    public void PauseSilo(Host silo, TimeSpan time)
    {
        silo.Say($"hangs for {time.TotalSeconds:0} s");
        silo.Pause(time);
        if (time > TimeSpan.FromSeconds(10) && Silos.Count > 1)
        {
            world.After(TimeSpan.FromSeconds(10), () =>
            {
                if (silo.IsAlive && silo.AwakeAt > world.Now)
                {
                    silo.Say("is given up by the others");
                    givenUp.Add(silo);
                    ForgetAll(silo);

                    // It learns so some time after it woke up.
                    silo.After(TimeSpan.Zero, () => silo.After(world.Dice.Between(TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(3)), () =>
                    {
                        silo.Say("learns that it was given up, and ends");
                        silo.Kill();
                    }));
                }
            });
        }
    }

    /// <summary>A grain dies alone, as when its silo hands it over.</summary>
    public void Deactivate(string key)
    {
        if (directory.Remove(key, out var activation))
        {
            activation.Say("is moved");
            activation.Kill();
        }
    }

    public IReadOnlyList<string> ActiveGrains => [.. directory.Keys.Order(StringComparer.Ordinal)];

    public void Forget(Activation activation)
    {
        if (directory.GetValueOrDefault(activation.Key) == activation)
        {
            directory.Remove(activation.Key);
        }
    }

    public Task<Answer<T>> CallAsync<TShell, T>(Host from, string key, Func<TShell, Task<T>> call, TimeSpan deadline)
        where TShell : Shell =>
        Network.CallAsync(from, () => Find(key), host => ((Activation)host).TurnAsync(call), deadline);

    public void Tell<TShell>(Host from, string key, Func<TShell, Task> call)
        where TShell : Shell =>
        Network.Tell(from, () => Find(key), host => ((Activation)host).TurnAsync<TShell, bool>(async shell =>
        {
            await call(shell);
            return true;
        }));

    /// <summary>A call over the gateway of any silo, as agents and people make them.</summary>
    public Task<Answer<T>> GatewayAsync<T>(Host from, Func<Host, Task<T>> handle, TimeSpan deadline)
    {
        var running = Running;
        if (running.Count == 0)
        {
            return Network.CallAsync(from, static () => null, handle, deadline);
        }

        var silo = world.Dice.Pick(running);
        return Network.CallAsync(from, () => silo, handle, deadline);
    }

    /// <summary>The leases of a node are stored: who waits for that in the same silo looks at once.</summary>
    public void Pulse(Host silo, string key) => PulseOf(silo, key).Set();

    /// <summary>Until then, or for so long: the grain may live in another silo.</summary>
    public Task WaitForPulseAsync(Host silo, string key, TimeSpan longest) => PulseOf(silo, key).WaitAsync(longest);

    public Task RegisterReminderAsync(Activation activation, TimeSpan first, TimeSpan period) => Storage.DoAsync(activation, () =>
    {
        if (reminders.Add(activation.Key))
        {
            world.After(first, () => Remind(activation.Key, period));
        }
    });

    public Task RemoveReminderAsync(Activation activation) => Storage.DoAsync(activation, () => reminders.Remove(activation.Key));

    private void Remind(string key, TimeSpan period)
    {
        if (!reminders.Contains(key))
        {
            return;
        }

        if (Find(key) is { } activation)
        {
            activation.Resume(() => world.Start(async () => await activation.TurnAsync<Shell, bool>(async shell =>
            {
                await shell.ReceiveReminderAsync();
                return true;
            })));
        }

        world.After(period, () => Remind(key, period));
    }

    private Activation? Find(string key)
    {
        if (directory.TryGetValue(key, out var activation) && activation.IsAlive)
        {
            return activation;
        }

        var counting = Silos;
        if (counting.Count == 0)
        {
            return null;
        }

        activation = new(world, key, world.Dice.Pick(counting), this);
        directory[key] = activation;
        activation.Activate(make(key, activation));
        return activation;
    }

    private Wake PulseOf(Host silo, string key)
    {
        if (!pulses.TryGetValue((silo, key), out var wake))
        {
            pulses.Add((silo, key), wake = new(silo));
        }

        return wake;
    }

    private void ForgetAll(Host silo)
    {
        foreach (var key in directory.Where(pair => pair.Value.Root == silo).Select(static pair => pair.Key).ToArray())
        {
            directory.Remove(key);
        }
    }
}
