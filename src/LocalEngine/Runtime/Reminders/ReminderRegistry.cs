using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Hosting;
using Orleans.Local;
using Orleans.Runtime;
using Orleans.Timers;

namespace Orleans
{
    /// <summary>Reminders of a grain.</summary>
    public static class GrainReminderExtensions
    {
        /// <summary>Makes or changes a reminder.</summary>
        public static Task<IGrainReminder> RegisterOrUpdateReminder(this Grain grain, string reminderName, TimeSpan dueTime, TimeSpan period) =>
            ((IGrainBase)grain).RegisterOrUpdateReminder(reminderName, dueTime, period);

        /// <summary>Makes or changes a reminder.</summary>
        public static Task<IGrainReminder> RegisterOrUpdateReminder(this IGrainBase grain, string reminderName, TimeSpan dueTime, TimeSpan period)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(reminderName);
            return grain is IRemindable
                ? RegistryOf(grain).RegisterOrUpdateReminder(grain.GrainContext.GrainId, reminderName, dueTime, period)
                : throw new InvalidOperationException($"Grain {grain.GrainContext.GrainId} is not 'IRemindable'. A grain should implement {nameof(IRemindable)} to use the persistent reminder service.");
        }

        /// <summary>Removes a reminder.</summary>
        public static Task UnregisterReminder(this Grain grain, IGrainReminder reminder) => ((IGrainBase)grain).UnregisterReminder(reminder);

        /// <summary>Removes a reminder.</summary>
        public static Task UnregisterReminder(this IGrainBase grain, IGrainReminder reminder) => RegistryOf(grain).UnregisterReminder(grain.GrainContext.GrainId, reminder);

        /// <summary>A reminder, or null.</summary>
        public static Task<IGrainReminder?> GetReminder(this Grain grain, string reminderName) => ((IGrainBase)grain).GetReminder(reminderName);

        /// <summary>A reminder, or null.</summary>
        public static Task<IGrainReminder?> GetReminder(this IGrainBase grain, string reminderName)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(reminderName);
            return RegistryOf(grain).GetReminder(grain.GrainContext.GrainId, reminderName);
        }

        /// <summary>The reminders of the grain.</summary>
        public static Task<List<IGrainReminder>> GetReminders(this Grain grain) => ((IGrainBase)grain).GetReminders();

        /// <summary>The reminders of the grain.</summary>
        public static Task<List<IGrainReminder>> GetReminders(this IGrainBase grain) => RegistryOf(grain).GetReminders(grain.GrainContext.GrainId);

        private static IReminderRegistry RegistryOf(IGrainBase grain)
        {
            ArgumentNullException.ThrowIfNull(grain);
            return grain.GrainContext.ActivationServices.GetRequiredService<IReminderRegistry>();
        }
    }
}

namespace Orleans.Hosting
{
    /// <summary>Adds reminders.</summary>
    public static class SiloBuilderReminderExtensions
    {
        /// <summary>Adds the reminder service; the table comes with a provider.</summary>
        public static ISiloBuilder AddReminders(this ISiloBuilder builder)
        {
            builder.Services.AddReminders();
            return builder;
        }

        /// <summary>Adds the reminder service; the table comes with a provider.</summary>
        public static void AddReminders(this IServiceCollection services)
        {
            if (services.Any(static d => d.ServiceType == typeof(LocalReminderService)))
            {
                return;
            }

            services.AddOptions<ReminderOptions>();
            services.AddSingleton<LocalReminderService>();
            services.AddSingleton<IReminderService>(static p => p.GetRequiredService<LocalReminderService>());
            services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(static p => p.GetRequiredService<LocalReminderService>());
            services.AddSingleton<IReminderRegistry, ReminderRegistry>();
        }
    }

    /// <summary>Adds reminders in memory.</summary>
    public static class SiloBuilderReminderMemoryExtensions
    {
        /// <summary>Adds the reminder service with a table in memory.</summary>
        public static ISiloBuilder UseInMemoryReminderService(this ISiloBuilder builder)
        {
            builder.AddReminders();
            builder.Services.TryAddSingleton<IReminderTable, MemoryReminderTable>();
            return builder;
        }
    }
}

namespace Orleans.Local
{
    /// <summary>Checks what a grain asks of the reminder service.</summary>
    internal sealed class ReminderRegistry(IServiceProvider services, IOptions<ReminderOptions> options) : IReminderRegistry
    {
        public Task<IGrainReminder> RegisterOrUpdateReminder(GrainId callingGrainId, string reminderName, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime == Timeout.InfiniteTimeSpan || dueTime < TimeSpan.Zero)
            {
                throw new ArgumentOutOfRangeException(nameof(dueTime), "Cannot use a negative or infinite dueTime to create a reminder");
            }

            if (period == Timeout.InfiniteTimeSpan || period < TimeSpan.Zero)
            {
                throw new ArgumentOutOfRangeException(nameof(period), "Cannot use a negative or infinite period to create a reminder");
            }

            var shortest = options.Value.MinimumReminderPeriod;
            if (period < shortest)
            {
                throw new ArgumentException($"Cannot register reminder {reminderName} as requested period ({period}) is less than minimum allowed reminder period ({shortest})");
            }

            return Service(reminderName).RegisterOrUpdateReminder(callingGrainId, reminderName, dueTime, period);
        }

        public Task UnregisterReminder(GrainId callingGrainId, IGrainReminder reminder) => Service(reminder.ReminderName).UnregisterReminder(reminder);

        public Task<IGrainReminder?> GetReminder(GrainId callingGrainId, string reminderName) => Service(reminderName).GetReminder(callingGrainId, reminderName);

        public Task<List<IGrainReminder>> GetReminders(GrainId callingGrainId) => Service("any").GetReminders(callingGrainId);

        private IReminderService Service(string reminderName)
        {
            if (string.IsNullOrEmpty(reminderName))
            {
                throw new ArgumentException("Cannot use null or empty name for the reminder", nameof(reminderName));
            }

            if (RuntimeContext.Current is null)
            {
                throw new InvalidOperationException("Attempted to access grain from a non-grain context, such as a background thread, which is invalid.");
            }

            return services.GetService<IReminderTable>() is null
                ? throw new OrleansConfigurationException("The reminder service has not been configured: add a reminder table, for example with UseInMemoryReminderService.")
                : services.GetRequiredService<IReminderService>();
        }
    }
}
