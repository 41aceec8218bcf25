using Orleans.Runtime;
using Orleans.Services;

namespace Orleans
{
    /// <summary>A grain that is woken by reminders.</summary>
    public interface IRemindable : IGrain
    {
        /// <summary>A reminder is due.</summary>
        Task ReceiveReminder(string reminderName, TickStatus status);
    }

    /// <summary>Keeps reminders and wakes their grains.</summary>
    public interface IReminderService : IGrainService
    {
        /// <summary>Starts.</summary>
        Task Start();

        /// <summary>Stops.</summary>
        Task Stop();

        /// <summary>Makes or changes a reminder.</summary>
        Task<IGrainReminder> RegisterOrUpdateReminder(GrainId grainId, string reminderName, TimeSpan dueTime, TimeSpan period);

        /// <summary>Removes a reminder.</summary>
        Task UnregisterReminder(IGrainReminder reminder);

        /// <summary>A reminder, or null.</summary>
        Task<IGrainReminder?> GetReminder(GrainId grainId, string reminderName);

        /// <summary>The reminders of a grain.</summary>
        Task<List<IGrainReminder>> GetReminders(GrainId grainId);
    }

    /// <summary>Stores reminders.</summary>
    public interface IReminderTable
    {
        /// <summary>Opens the table.</summary>
        Task StartAsync(CancellationToken cancellationToken = default)
#pragma warning disable CS0618 // A table that knows only Init is opened by it.
            => Init();
#pragma warning restore CS0618

        /// <summary>Opens the table.</summary>
        [Obsolete("Implement and use StartAsync instead")]
        Task Init() => Task.CompletedTask;

        /// <summary>The reminders of a grain.</summary>
        Task<ReminderTableData> ReadRows(GrainId grainId);

        /// <summary>The reminders whose grain's hash is after <paramref name="begin"/> up to <paramref name="end"/>; round the end of numbers if begin is not below end.</summary>
        Task<ReminderTableData> ReadRows(uint begin, uint end);

        /// <summary>A reminder, or null.</summary>
        Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName);

        /// <summary>Makes or changes a reminder; its new version.</summary>
        Task<string?> UpsertRow(ReminderEntry entry);

        /// <summary>Removes a reminder if it has the version.</summary>
        Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag);

        /// <summary>Removes all reminders.</summary>
        Task TestOnlyClearTable();

        /// <summary>Closes the table.</summary>
        Task StopAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;
    }

    /// <summary>A reminder in its table.</summary>
    [GenerateSerializer]
    public sealed class ReminderEntry
    {
        /// <summary>The grain.</summary>
        [Id(0)]
        public GrainId GrainId { get; set; }

        /// <summary>The reminder's name.</summary>
        [Id(1)]
        public string ReminderName { get; set; } = null!;

        /// <summary>When it is due first, UTC.</summary>
        [Id(2)]
        public DateTime StartAt { get; set; }

        /// <summary>The time between two ticks.</summary>
        [Id(3)]
        public TimeSpan Period { get; set; }

        /// <summary>The version.</summary>
        [Id(4)]
        public string? ETag { get; set; }

        /// <inheritdoc />
        public override string ToString() => $"<GrainId={GrainId} ReminderName={ReminderName} Period={Period}>";

        internal IGrainReminder ToIGrainReminder() => new LocalReminder(GrainId, ReminderName, ETag!);
    }

    /// <summary>Reminders of a table.</summary>
    [GenerateSerializer]
    public sealed class ReminderTableData
    {
        /// <summary>None.</summary>
        public ReminderTableData() { }

        /// <summary>Several.</summary>
        public ReminderTableData(IEnumerable<ReminderEntry> list) => Reminders = [.. list];

        /// <summary>One.</summary>
        public ReminderTableData(ReminderEntry entry) => Reminders = [entry];

        /// <summary>The reminders.</summary>
        [Id(0)]
        public IList<ReminderEntry> Reminders { get; private set; } = [];

        /// <inheritdoc />
        public override string ToString() => $"[{Reminders.Count} reminders: {string.Join(", ", Reminders)}.]";
    }

    [GenerateSerializer, Immutable]
    internal sealed class LocalReminder(GrainId grainId, string reminderName, string eTag) : IGrainReminder
    {
        public GrainId GrainId { get; } = grainId;

        public string ReminderName { get; } = reminderName;

        public string ETag { get; } = eTag;
    }
}

namespace Orleans.Runtime
{
    /// <summary>A reminder as its grain knows it.</summary>
    public interface IGrainReminder
    {
        /// <summary>The name.</summary>
        string ReminderName { get; }
    }

    /// <summary>Which tick of a reminder it is.</summary>
    [GenerateSerializer, Immutable]
    public readonly struct TickStatus
    {
        /// <summary>The status of a tick.</summary>
        public TickStatus(DateTime firstTickTime, TimeSpan period, DateTime timeStamp)
        {
            FirstTickTime = firstTickTime;
            Period = period;
            CurrentTickTime = timeStamp;
        }

        /// <summary>When the first tick was due, UTC.</summary>
        [Id(0)]
        public DateTime FirstTickTime { get; }

        /// <summary>The time between two ticks.</summary>
        [Id(1)]
        public TimeSpan Period { get; }

        /// <summary>When this tick was sent, UTC.</summary>
        [Id(2)]
        public DateTime CurrentTickTime { get; }

        /// <inheritdoc />
        public override string ToString() => $"<{FirstTickTime:O}, {Period}, {CurrentTickTime:O}>";
    }

    /// <summary>A reminder could not be changed.</summary>
    [GenerateSerializer]
    public sealed class ReminderException : OrleansException
    {
        /// <summary>An error in words.</summary>
        public ReminderException(string message) : base(message) { }
    }
}

namespace Orleans.Timers
{
    /// <summary>Keeps reminders for the grain whose turn runs.</summary>
    public interface IReminderRegistry : IGrainServiceClient<IReminderService>
    {
        /// <summary>Makes or changes a reminder.</summary>
        Task<IGrainReminder> RegisterOrUpdateReminder(GrainId callingGrainId, string reminderName, TimeSpan dueTime, TimeSpan period);

        /// <summary>Removes a reminder.</summary>
        Task UnregisterReminder(GrainId callingGrainId, IGrainReminder reminder);

        /// <summary>A reminder, or null.</summary>
        Task<IGrainReminder?> GetReminder(GrainId callingGrainId, string reminderName);

        /// <summary>The reminders of a grain.</summary>
        Task<List<IGrainReminder>> GetReminders(GrainId callingGrainId);
    }
}

namespace Orleans.Reminders
{
    /// <summary>The key of the time provider of reminders.</summary>
    public static class ReminderTimeProviderNames
    {
        /// <summary>Reminders.</summary>
        public const string Reminders = "Orleans.Reminders";
    }
}

namespace Orleans.Hosting
{
    /// <summary>How reminders are kept.</summary>
    public sealed class ReminderOptions
    {
        /// <summary>The shortest period that a reminder may have.</summary>
        public TimeSpan MinimumReminderPeriod { get; set; } = TimeSpan.FromMinutes(1);

        /// <summary>How often the table is read.</summary>
        public TimeSpan RefreshReminderListPeriod { get; set; } = TimeSpan.FromMinutes(5);

        /// <summary>How far ahead reminders are loaded. The local engine loads all.</summary>
        public TimeSpan ReminderLoadingWindow { get; set; } = TimeSpan.FromMinutes(10);

        /// <summary>How long the table may take to open.</summary>
        public TimeSpan InitializationTimeout { get; set; } = TimeSpan.FromMinutes(5);
    }
}
