namespace Orchestrator.Simulation.Tests.Worlds;

/// <summary>
/// Something that runs: a machine since it was booted, a process on it, a part of a process. What is dead goes on with nothing, and with it all that it carries; what is stopped goes on
/// later. Everything that is awaited is awaited through the host that waits.
/// </summary>
internal class Host(World world, string name, Host? parent = null)
{
    private bool isDead;
    private DateTimeOffset awakeAt;
    private TimeSpan skew;

    public World World => world;

    public string Name => name;

    public Host? Parent => parent;

    /// <summary>The machine or silo under it.</summary>
    public Host Root => parent?.Root ?? this;

    public bool IsAlive => !isDead && parent?.IsAlive != false;

    public DateTimeOffset AwakeAt => parent is null || parent.AwakeAt < awakeAt ? awakeAt : parent.AwakeAt;

    /// <summary>What its clock shows.</summary>
    public DateTimeOffset Clock => world.Now + Skew;

    /// <summary>By how much its clock is wrong.</summary>
    public TimeSpan Skew
    {
        get => parent?.Skew ?? skew;
        set => skew = value;
    }

    public virtual void Kill() => isDead = true;

    /// <summary>Nothing of it moves for so long, as after SIGSTOP.</summary>
    public void Pause(TimeSpan time) => awakeAt = world.Now + time;

    public void WakeUp() => awakeAt = default;

    /// <summary>Acts now, when it is awake, or never.</summary>
    public void Resume(Action act)
    {
        if (!IsAlive)
        {
            return;
        }

        if (AwakeAt > world.Now)
        {
            world.At(AwakeAt, () => Resume(act));
        }
        else
        {
            act();
        }
    }

    public void After(TimeSpan wait, Action act) => world.After(wait, () => Resume(act));

    public Task DelayAsync(TimeSpan wait)
    {
        var done = new TaskCompletionSource();
        After(wait, () => done.TrySetResult());
        return done.Task;
    }

    public Task DelayAsync(TimeSpan least, TimeSpan most) => DelayAsync(world.Dice.Between(least, most));

    /// <summary>As an event of its own.</summary>
    public void Start(Func<Task> work) => After(TimeSpan.Zero, () => world.Start(work));

    public void Say(string what) => world.Say(name, what);
}
