using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Cluster;
using Orleans.Hosting;
using Orleans.Reminders;
using Orleans.Timers;

namespace Orleans.Runtime.ReminderService
{
    /// <summary>
    /// Fires the reminders of the table. Silos share them by the grains' hashes; when one goes, the others take over its part.
    /// Ticks are at the first tick plus whole periods: those that were missed do not fire.
    /// </summary>
    internal sealed partial class LocalReminderService(
        LocalSilo silo, IReminderTable table, IServiceProvider services, IOptions<ReminderOptions> options, ILogger<LocalReminderService> logger)
        : IReminderRegistry, ILifecycleParticipant<ISiloLifecycle>
    {
        private static readonly TimeSpan LongestWait = TimeSpan.FromDays(30);

        private readonly Lock gate = new();
        private readonly Dictionary<(GrainId, string), Armed> armed = [];
        private readonly TimeProvider clock = services.GetKeyedService<TimeProvider>(ReminderTimeProviderNames.Reminders) ?? services.GetService<TimeProvider>() ?? TimeProvider.System;
        private ITimer? refresh;
        private bool isStopped;

        public void Participate(ISiloLifecycle lifecycle)
        {
            lifecycle.Subscribe<LocalReminderService>(ServiceLifecycleStage.BecomeActive - 10, StartTableAsync, table.StopAsync);
            lifecycle.Subscribe<LocalReminderService>(ServiceLifecycleStage.Active, StartAsync, StopAsync);
        }

        public async Task<IGrainReminder> RegisterOrUpdateReminder(GrainId callingGrainId, string reminderName, TimeSpan dueTime, TimeSpan period)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(reminderName);
            ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, TimeSpan.Zero);
            if (period < options.Value.MinimumReminderPeriod)
            {
                throw new ArgumentException($"Cannot register reminder {reminderName} as requested period ({period}) is less than minimum allowed reminder period ({options.Value.MinimumReminderPeriod})", nameof(period));
            }

            var entry = new ReminderEntry { GrainId = callingGrainId, ReminderName = reminderName, StartAt = clock.GetUtcNow().UtcDateTime + dueTime, Period = period };
            entry.ETag = await table.UpsertRow(entry) ?? throw new ReminderException($"Could not register reminder {entry}.");
            Owner(callingGrainId)?.Arm(entry);
            return new Reminder(entry);
        }

        public async Task UnregisterReminder(GrainId callingGrainId, IGrainReminder reminder)
        {
            var known = (Reminder)reminder;
            if (!await table.RemoveRow(callingGrainId, known.ReminderName, known.Entry.ETag))
            {
                throw new ReminderException($"Could not unregister reminder {known.Entry} from the reminder table, due to tag mismatch. You can retry.");
            }

            Owner(callingGrainId)?.Disarm(callingGrainId, known.ReminderName);
        }

        public async Task<IGrainReminder?> GetReminder(GrainId callingGrainId, string reminderName) => await table.ReadRow(callingGrainId, reminderName) is { } entry ? new Reminder(entry) : null;

        public async Task<List<IGrainReminder>> GetReminders(GrainId callingGrainId) => [.. (await table.ReadRows(callingGrainId)).Reminders.Select(static entry => new Reminder(entry))];

        private Task StartTableAsync(CancellationToken cancellationToken) => table.StartAsync(cancellationToken).WaitAsync(options.Value.InitializationTimeout, cancellationToken);

        private async Task StartAsync(CancellationToken cancellationToken)
        {
            silo.Cluster.MembersChanged += OnMembersChanged;
            var period = options.Value.RefreshReminderListPeriod;
            refresh = clock.CreateTimer(static state => ((LocalReminderService)state!).Refresh(), this, period, period);
            await ReadAsync();
        }

        private Task StopAsync(CancellationToken cancellationToken)
        {
            silo.Cluster.MembersChanged -= OnMembersChanged;
            lock (gate)
            {
                isStopped = true;
                foreach (var reminder in armed.Values)
                {
                    reminder.Timer.Dispose();
                }

                armed.Clear();
            }

            refresh?.Dispose();
            return Task.CompletedTask;
        }

        private void OnMembersChanged()
        {
            if (silo.IsGone)
            {
                _ = StopAsync(CancellationToken.None);
            }
            else
            {
                Refresh();
            }
        }

        private async void Refresh()
        {
            try
            {
                await ReadAsync();
            }
            catch (Exception error)
            {
                // The next refresh tries again; what is armed goes on.
                LogReadFailed(logger, error);
            }
        }

        private async Task ReadAsync()
        {
            var rows = (await table.ReadRows(0, 0)).Reminders.Where(entry => IsMine(entry.GrainId)).ToList();
            var keys = rows.Select(static entry => (entry.GrainId, entry.ReminderName)).ToHashSet();
            foreach (var entry in rows)
            {
                Arm(entry);
            }

            lock (gate)
            {
                foreach (var gone in armed.Keys.Where(key => !keys.Contains(key)).ToList())
                {
                    armed.Remove(gone, out var reminder);
                    reminder!.Timer.Dispose();
                }
            }
        }

        private bool IsMine(GrainId grainId) => ReferenceEquals(OwnerSilo(grainId), silo);

        private LocalSilo? OwnerSilo(GrainId grainId)
        {
            var members = silo.Cluster.Members;
            return members.Count == 0 ? null : members[(int)(grainId.GetUniformHashCode() % (uint)members.Count)];
        }

        private LocalReminderService? Owner(GrainId grainId) => OwnerSilo(grainId)?.Services.GetService<LocalReminderService>();

        private void Arm(ReminderEntry entry)
        {
            lock (gate)
            {
                if (isStopped)
                {
                    return;
                }

                var key = (entry.GrainId, entry.ReminderName);
                if (armed.TryGetValue(key, out var known))
                {
                    if (known.Entry.ETag == entry.ETag)
                    {
                        return;
                    }

                    known.Timer.Dispose();
                }

                ITimer timer;
                using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
                {
                    timer = clock.CreateTimer(_ => Fire(key), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                }

                var reminder = new Armed(entry, timer);
                armed[key] = reminder;
                reminder.Due = NextTick(entry, clock.GetUtcNow().UtcDateTime);
                Wait(reminder);
            }
        }

        private void Disarm(GrainId grainId, string reminderName)
        {
            lock (gate)
            {
                if (armed.Remove((grainId, reminderName), out var reminder))
                {
                    reminder.Timer.Dispose();
                }
            }
        }

        private static DateTime NextTick(ReminderEntry entry, DateTime now)
        {
            if (now <= entry.StartAt)
            {
                return entry.StartAt;
            }

            var periods = ((now - entry.StartAt).Ticks + entry.Period.Ticks - 1) / entry.Period.Ticks;
            return entry.StartAt + TimeSpan.FromTicks(periods * entry.Period.Ticks);
        }

        private void Wait(Armed reminder)
        {
            var wait = reminder.Due - clock.GetUtcNow().UtcDateTime;
            reminder.Timer.Change(wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestWait ? LongestWait : wait, Timeout.InfiniteTimeSpan);
        }

        private async void Fire((GrainId GrainId, string Name) key)
        {
            ReminderEntry entry;
            DateTime now;
            lock (gate)
            {
                if (isStopped || silo.IsGone || !armed.TryGetValue(key, out var reminder))
                {
                    return;
                }

                now = clock.GetUtcNow().UtcDateTime;
                if (now < reminder.Due)
                {
                    Wait(reminder);
                    return;
                }

                entry = reminder.Entry;
                reminder.Due = NextTick(entry, now + TimeSpan.FromTicks(1));
                Wait(reminder);
            }

            try
            {
                await silo.Sender.Factory.GetGrain<IRemindable>(key.GrainId).ReceiveReminder(key.Name, new(entry.StartAt, entry.Period, now));
            }
            catch (Exception error)
            {
                LogTickFailed(logger, error, key.Name, key.GrainId);
            }
        }

        [LoggerMessage(Level = LogLevel.Warning, Message = "The reminder table could not be read.")]
        private static partial void LogReadFailed(ILogger logger, Exception error);

        [LoggerMessage(Level = LogLevel.Error, Message = "Reminder {Name} of {GrainId} failed.")]
        private static partial void LogTickFailed(ILogger logger, Exception error, string name, GrainId grainId);

        private sealed class Armed(ReminderEntry entry, ITimer timer)
        {
            public ReminderEntry Entry => entry;

            public ITimer Timer => timer;

            public DateTime Due { get; set; }
        }

        private sealed class Reminder(ReminderEntry entry) : IGrainReminder
        {
            public ReminderEntry Entry => entry;

            public string ReminderName => entry.ReminderName;
        }
    }

    /// <summary>Keeps reminders in memory, for all silos of the cluster.</summary>
    internal sealed class InMemoryReminderTable(LocalSilo silo) : IReminderTable
    {
        private static readonly System.Runtime.CompilerServices.ConditionalWeakTable<LocalCluster, Dictionary<(GrainId, string), ReminderEntry>> Tables = new();
        private readonly Dictionary<(GrainId, string), ReminderEntry> rows = Tables.GetOrCreateValue(silo.Cluster);

        public Task<ReminderTableData> ReadRows(GrainId grainId)
        {
            lock (rows)
            {
                return Task.FromResult(new ReminderTableData(rows.Values.Where(row => row.GrainId == grainId).Select(Copy).ToList()));
            }
        }

        public Task<ReminderTableData> ReadRows(uint begin, uint end)
        {
            lock (rows)
            {
                return Task.FromResult(new ReminderTableData(rows.Values
                    .Where(row => row.GrainId.GetUniformHashCode() is var hash && (begin < end ? hash > begin && hash <= end : hash > begin || hash <= end)).Select(Copy).ToList()));
            }
        }

        public Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName)
        {
            lock (rows)
            {
                return Task.FromResult(rows.TryGetValue((grainId, reminderName), out var row) ? Copy(row) : null);
            }
        }

        public Task<string?> UpsertRow(ReminderEntry entry)
        {
            lock (rows)
            {
                var version = rows.TryGetValue((entry.GrainId, entry.ReminderName), out var row) ? int.Parse(row.ETag, System.Globalization.CultureInfo.InvariantCulture) + 1 : 0;
                var stored = Copy(entry);
                stored.ETag = version.ToString(System.Globalization.CultureInfo.InvariantCulture);
                rows[(entry.GrainId, entry.ReminderName)] = stored;
                return Task.FromResult<string?>(stored.ETag);
            }
        }

        public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag)
        {
            lock (rows)
            {
                return Task.FromResult(rows.TryGetValue((grainId, reminderName), out var row) && row.ETag == eTag && rows.Remove((grainId, reminderName)));
            }
        }

        public Task TestOnlyClearTable()
        {
            lock (rows)
            {
                rows.Clear();
                return Task.CompletedTask;
            }
        }

        private static ReminderEntry Copy(ReminderEntry row) => new() { GrainId = row.GrainId, ReminderName = row.ReminderName, StartAt = row.StartAt, Period = row.Period, ETag = row.ETag };
    }
}

namespace Orleans.Hosting
{
    /// <summary>Adds reminders.</summary>
    public static class SiloBuilderReminderExtensions
    {
        /// <summary>Adds reminders; a table is added beside them.</summary>
        public static ISiloBuilder AddReminders(this ISiloBuilder builder) => builder.ConfigureServices(static services => services.AddReminders());

        /// <summary>Adds reminders; a table is added beside them.</summary>
        public static void AddReminders(this IServiceCollection services)
        {
            services.AddOptions<ReminderOptions>();
            if (services.Any(static service => service.ServiceType == typeof(Runtime.ReminderService.LocalReminderService)))
            {
                return;
            }

            services.AddSingleton<Runtime.ReminderService.LocalReminderService>();
            services.AddSingleton<IReminderRegistry>(static services => services.GetRequiredService<Runtime.ReminderService.LocalReminderService>());
            services.AddSingleton<ILifecycleParticipant<Runtime.ISiloLifecycle>>(static services => services.GetRequiredService<Runtime.ReminderService.LocalReminderService>());
        }
    }

    /// <summary>Keeps reminders in memory.</summary>
    public static class SiloBuilderReminderMemoryExtensions
    {
        /// <summary>Adds reminders that are kept in memory.</summary>
        public static ISiloBuilder UseInMemoryReminderService(this ISiloBuilder builder)
        {
            builder.AddReminders();
            builder.Services.TryAddSingleton<IReminderTable, Runtime.ReminderService.InMemoryReminderTable>();
            return builder;
        }
    }
}
