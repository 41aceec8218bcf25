using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Hosting;
using Orleans.Reminders;
using Orleans.Runtime;

namespace Orleans.Local;

/// <summary>The reminders of the grains whose hash is this silo's: kept in the table, armed here, told to their grains.</summary>
internal sealed class LocalReminderService : IReminderService, ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly LocalSilo silo;
    private readonly IReminderTable table;
    private readonly ReminderOptions options;
    private readonly TimeProvider clock;
    private readonly SystemNode caller;
    private readonly Lock gate = new();
    private readonly Dictionary<(GrainId Grain, string Name), ArmedReminder> armed = [];
    private readonly SemaphoreSlim refreshing = new(1);
    private ITimer? refresher;
    private bool running;

    public LocalReminderService(LocalSilo silo, IReminderTable table, IOptions<ReminderOptions> options)
    {
        this.silo = silo;
        this.table = table;
        this.options = options.Value;
        clock = silo.Services.ClockOf(ReminderTimeProviderNames.Reminders);
        caller = new SystemNode(silo, "reminders");
    }

    public void Participate(ISiloLifecycle lifecycle)
    {
        lifecycle.Subscribe("ReminderTable", ServiceLifecycleStage.ApplicationServices, token => table.StartAsync(token).WaitAsync(options.InitializationTimeout, token), table.StopAsync);
        lifecycle.Subscribe("Reminders", ServiceLifecycleStage.Active, _ => Start(), _ => Stop());
    }

    public async Task Start()
    {
        running = true;
        silo.Cluster.MembersChanged += OnMembersChanged;
        await RefreshAsync();
        using (Flow.Suppress())
        {
            refresher = clock.CreateTimer(_ => _ = RefreshAsync(), null, options.RefreshReminderListPeriod, options.RefreshReminderListPeriod);
        }
    }

    public Task Stop()
    {
        running = false;
        if (silo.HasJoined)
        {
            silo.Cluster.MembersChanged -= OnMembersChanged;
        }

        refresher?.Dispose();
        lock (gate)
        {
            foreach (var reminder in armed.Values)
            {
                reminder.Dispose();
            }

            armed.Clear();
        }

        return Task.CompletedTask;
    }

    public async Task<IGrainReminder> RegisterOrUpdateReminder(GrainId grainId, string reminderName, TimeSpan dueTime, TimeSpan period)
    {
        var entry = new ReminderEntry { GrainId = grainId, ReminderName = reminderName, StartAt = clock.GetUtcNow().UtcDateTime + dueTime, Period = period };
        entry.ETag = await table.UpsertRow(entry) ?? throw new ReminderException($"Could not register reminder {entry} to reminder table due to a race. Please try again later.");
        OwnerOf(grainId)?.Arm(entry);
        return entry.ToIGrainReminder();
    }

    public async Task UnregisterReminder(IGrainReminder reminder)
    {
        var known = reminder as LocalReminder ?? throw new ArgumentException($"{reminder?.GetType()} was not made by this service.", nameof(reminder));
        if (!await table.RemoveRow(known.GrainId, known.ReminderName, known.ETag))
        {
            throw new ReminderException($"Could not unregister reminder {known.ReminderName} of {known.GrainId} from the reminder table, due to tag mismatch. You can retry.");
        }

        OwnerOf(known.GrainId)?.Disarm(known.GrainId, known.ReminderName);
    }

    public async Task<IGrainReminder?> GetReminder(GrainId grainId, string reminderName) => (await table.ReadRow(grainId, reminderName))?.ToIGrainReminder();

    public async Task<List<IGrainReminder>> GetReminders(GrainId grainId) =>
        [.. (await table.ReadRows(grainId)).Reminders.Select(static entry => entry.ToIGrainReminder())];

    public void Dispose()
    {
        Stop();
        caller.Dispose();
        refreshing.Dispose();
    }

    private LocalReminderService? OwnerOf(GrainId grainId) =>
        silo.Cluster.OwnerOf(grainId.GetUniformHashCode())?.Services.GetService<LocalReminderService>();

    private void OnMembersChanged() => _ = RefreshAsync();

    // Arms what is ours in the table, and lets go of what is not.
    private async Task RefreshAsync()
    {
        try
        {
            await refreshing.WaitAsync();
        }
        catch (ObjectDisposedException)
        {
            return;
        }

        try
        {
            if (!running || silo.IsDead)
            {
                return;
            }

            var before = Snapshot();
            var rows = await table.ReadRows(0, 0);
            var mine = rows.Reminders.Where(entry => ReferenceEquals(silo.Cluster.OwnerOf(entry.GrainId.GetUniformHashCode()), silo)).ToDictionary(entry => (entry.GrainId, entry.ReminderName));
            foreach (var entry in mine.Values)
            {
                Arm(entry);
            }

            foreach (var (key, tag) in before.Where(pair => !mine.ContainsKey(pair.Key)))
            {
                Disarm(key.Grain, key.Name, tag);
            }
        }
        catch (Exception error) when (running)
        {
            silo.Log.ReminderTableFailed(error);
        }
        finally
        {
            refreshing.Release();
        }
    }

    private List<KeyValuePair<(GrainId Grain, string Name), string>> Snapshot()
    {
        lock (gate)
        {
            return [.. armed.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.Entry.ETag!))];
        }
    }

    private void Arm(ReminderEntry entry)
    {
        lock (gate)
        {
            var key = (entry.GrainId, entry.ReminderName);
            if (!running || silo.IsDead || (armed.TryGetValue(key, out var known) && known.Entry.ETag == entry.ETag))
            {
                return;
            }

            known?.Dispose();
            armed[key] = new ArmedReminder(this, entry);
        }
    }

    private void Disarm(GrainId grainId, string name, string? onlyTag = null)
    {
        lock (gate)
        {
            if (armed.TryGetValue((grainId, name), out var known) && (onlyTag is null || known.Entry.ETag == onlyTag))
            {
                known.Dispose();
                armed.Remove((grainId, name));
            }
        }
    }

    private sealed class ArmedReminder : IDisposable
    {
        // Timers hold no longer.
        private static readonly TimeSpan Longest = TimeSpan.FromDays(40);

        private readonly LocalReminderService owner;
        private readonly ITimer timer;
        private DateTime? last;
        private DateTime next;
        private bool ended;

        public ArmedReminder(LocalReminderService owner, ReminderEntry entry)
        {
            this.owner = owner;
            Entry = entry;
            using (Flow.Suppress())
            {
                timer = owner.clock.CreateTimer(_ => _ = FireAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }

            Wait();
        }

        public ReminderEntry Entry { get; }

        public void Dispose()
        {
            ended = true;
            timer.Dispose();
        }

        private void Wait()
        {
            var now = owner.clock.GetUtcNow().UtcDateTime;
            next = ReminderClock.NextTick(Entry, now, last);
            timer.Change(next - now is var due && due < Longest ? due : Longest, Timeout.InfiniteTimeSpan);
        }

        private async Task FireAsync()
        {
            if (ended || owner.silo.IsDead)
            {
                return;
            }

            var now = owner.clock.GetUtcNow().UtcDateTime;
            if (now < next)
            {
                Wait();
                return;
            }

            last = next;
            try
            {
                await owner.caller.Factory.GetGrain<IRemindable>(Entry.GrainId).ReceiveReminder(Entry.ReminderName, new TickStatus(Entry.StartAt, Entry.Period, now));
            }
            catch (Exception error)
            {
                owner.silo.Log.ReminderFailed(error, Entry.ReminderName, Entry.GrainId);
            }

            if (!ended)
            {
                Wait();
            }
        }
    }
}
