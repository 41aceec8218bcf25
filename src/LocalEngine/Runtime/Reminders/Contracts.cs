using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Timers;

namespace Orleans
{
    /// <summary>A grain that is woken by reminders.</summary>
    public interface IRemindable : IGrain
    {
        /// <summary>A reminder is due.</summary>
        Task ReceiveReminder(string reminderName, TickStatus status);
    }

    /// <summary>Keeps reminders.</summary>
    public interface IReminderTable
    {
        /// <summary>Opens the table.</summary>
        Task Init() => Task.CompletedTask;

        /// <summary>Opens the table.</summary>
        Task StartAsync(CancellationToken cancellationToken = default) => Init();

        /// <summary>The reminders of a grain.</summary>
        Task<ReminderTableData> ReadRows(GrainId grainId);

        /// <summary>The reminders of a range of hashes: above the first, up to the second, or around the ring.</summary>
        Task<ReminderTableData> ReadRows(uint begin, uint end);

        /// <summary>A reminder, or null.</summary>
        Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName);

        /// <summary>Adds or replaces a reminder; returns its version.</summary>
        Task<string?> UpsertRow(ReminderEntry entry);

        /// <summary>Removes a reminder of a version; false when it has another.</summary>
        Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag);

        /// <summary>Removes all.</summary>
        Task TestOnlyClearTable();

        /// <summary>Closes the table.</summary>
        Task StopAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;
    }

    /// <summary>A row of the table.</summary>
    public sealed class ReminderEntry
    {
        /// <summary>The grain.</summary>
        public GrainId GrainId { get; set; }

        /// <summary>The name.</summary>
        public string ReminderName { get; set; } = "";

        /// <summary>The first tick, UTC.</summary>
        public DateTime StartAt { get; set; }

        /// <summary>The time between ticks.</summary>
        public TimeSpan Period { get; set; }

        /// <summary>The version.</summary>
        public string ETag { get; set; } = "";

        /// <inheritdoc/>
        public override string ToString() => $"<GrainId={GrainId} ReminderName={ReminderName} Period={Period}>";
    }

    /// <summary>Rows of the table.</summary>
    public sealed class ReminderTableData
    {
        /// <summary>No rows.</summary>
        public ReminderTableData() => Reminders = [];

        /// <summary>Some rows.</summary>
        public ReminderTableData(IEnumerable<ReminderEntry> list) => Reminders = [.. list];

        /// <summary>A row.</summary>
        public ReminderTableData(ReminderEntry entry) => Reminders = [entry];

        /// <summary>The rows.</summary>
        public IList<ReminderEntry> Reminders { get; }

        /// <inheritdoc/>
        public override string ToString() => $"[{Reminders.Count} reminders: {string.Join(", ", Reminders)}]";
    }

    /// <summary>What a grain does with its reminders.</summary>
    public static class GrainReminderExtensions
    {
        /// <summary>Adds or replaces a reminder.</summary>
        public static Task<IGrainReminder> RegisterOrUpdateReminder(this Grain grain, string reminderName, TimeSpan dueTime, TimeSpan period) => ((IGrainBase)grain).RegisterOrUpdateReminder(reminderName, dueTime, period);

        /// <summary>Adds or replaces a reminder.</summary>
        public static Task<IGrainReminder> RegisterOrUpdateReminder(this IGrainBase grain, string reminderName, TimeSpan dueTime, TimeSpan period) =>
            RegistryOf(grain).RegisterOrUpdateReminder(grain.GrainContext.GrainId, reminderName, dueTime, period);

        /// <summary>Removes a reminder.</summary>
        public static Task UnregisterReminder(this Grain grain, IGrainReminder reminder) => ((IGrainBase)grain).UnregisterReminder(reminder);

        /// <summary>Removes a reminder.</summary>
        public static Task UnregisterReminder(this IGrainBase grain, IGrainReminder reminder) => RegistryOf(grain).UnregisterReminder(grain.GrainContext.GrainId, reminder);

        /// <summary>A reminder, or null.</summary>
        public static Task<IGrainReminder?> GetReminder(this Grain grain, string reminderName) => ((IGrainBase)grain).GetReminder(reminderName);

        /// <summary>A reminder, or null.</summary>
        public static Task<IGrainReminder?> GetReminder(this IGrainBase grain, string reminderName) => RegistryOf(grain).GetReminder(grain.GrainContext.GrainId, reminderName);

        /// <summary>The grain's reminders.</summary>
        public static Task<List<IGrainReminder>> GetReminders(this Grain grain) => ((IGrainBase)grain).GetReminders();

        /// <summary>The grain's reminders.</summary>
        public static Task<List<IGrainReminder>> GetReminders(this IGrainBase grain) => RegistryOf(grain).GetReminders(grain.GrainContext.GrainId);

        private static IReminderRegistry RegistryOf(IGrainBase grain) => grain.GrainContext.ActivationServices.GetRequiredService<IReminderRegistry>();
    }

    /// <summary>Fires reminders.</summary>
    public interface IReminderService : Services.IGrainService
    {
        /// <summary>Starts.</summary>
        Task Start();

        /// <summary>Stops.</summary>
        Task Stop();

        /// <summary>Adds or replaces a reminder.</summary>
        Task<IGrainReminder> RegisterOrUpdateReminder(GrainId grainId, string reminderName, TimeSpan dueTime, TimeSpan period);

        /// <summary>Removes a reminder.</summary>
        Task UnregisterReminder(IGrainReminder reminder);

        /// <summary>A reminder, or null.</summary>
        Task<IGrainReminder?> GetReminder(GrainId grainId, string reminderName);

        /// <summary>A grain's reminders.</summary>
        Task<List<IGrainReminder>> GetReminders(GrainId grainId);
    }
}

namespace Orleans.Timers
{
    /// <summary>Adds and removes reminders for grains.</summary>
    public interface IReminderRegistry : Services.IGrainServiceClient<IReminderService>
    {
        /// <summary>Adds or replaces a reminder.</summary>
        Task<IGrainReminder> RegisterOrUpdateReminder(GrainId callingGrainId, string reminderName, TimeSpan dueTime, TimeSpan period);

        /// <summary>Removes a reminder.</summary>
        Task UnregisterReminder(GrainId callingGrainId, IGrainReminder reminder);

        /// <summary>A reminder, or null.</summary>
        Task<IGrainReminder?> GetReminder(GrainId callingGrainId, string reminderName);

        /// <summary>A grain's reminders.</summary>
        Task<List<IGrainReminder>> GetReminders(GrainId callingGrainId);
    }
}

namespace Orleans.Runtime
{
    /// <summary>A reminder of a grain.</summary>
    public interface IGrainReminder
    {
        /// <summary>The name.</summary>
        string ReminderName { get; }
    }

    /// <summary>A reminder could not be changed.</summary>
    [GenerateSerializer]
    public sealed class ReminderException : OrleansException
    {
        /// <summary>An error in words.</summary>
        public ReminderException(string message) : base(message) { }
    }

    /// <summary>When a reminder ticked.</summary>
    [GenerateSerializer, Immutable]
    public readonly struct TickStatus
    {
        /// <summary>The times of a tick.</summary>
        public TickStatus(DateTime firstTickTime, TimeSpan period, DateTime timeStamp) => (FirstTickTime, Period, CurrentTickTime) = (firstTickTime, period, timeStamp);

        /// <summary>The first tick, UTC.</summary>
        [Id(0)]
        public DateTime FirstTickTime { get; }

        /// <summary>The time between ticks.</summary>
        [Id(1)]
        public TimeSpan Period { get; }

        /// <summary>This tick, UTC.</summary>
        [Id(2)]
        public DateTime CurrentTickTime { get; }

        /// <inheritdoc/>
        public override string ToString() => $"<{FirstTickTime:O}, {Period}, {CurrentTickTime:O}>";
    }
}

namespace Orleans.Hosting
{
    /// <summary>How reminders are kept.</summary>
    public sealed class ReminderOptions
    {
        /// <summary>The shortest period; a minute.</summary>
        public TimeSpan MinimumReminderPeriod { get; set; } = TimeSpan.FromMinutes(1);

        /// <summary>How often the table is read anew; 5 minutes.</summary>
        public TimeSpan RefreshReminderListPeriod { get; set; } = TimeSpan.FromMinutes(5);

        /// <summary>How long the table may take to open; 5 minutes.</summary>
        public TimeSpan InitializationTimeout { get; set; } = TimeSpan.FromMinutes(5);
    }
}
